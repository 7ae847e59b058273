// [data-fill-screen="#id"]   a press shows that part of the page alone, over the whole screen; Escape leads back

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill-screen]");
  if (!button) return;
  if (document.fullscreenElement) document.exitFullscreen();
  else document.querySelector(button.dataset.fillScreen).requestFullscreen();
});
