// The words that scripts show, in the language of the page. The catalogue is a script of its own that the server
// makes (operators/catalogue.py) and base.html loads first; without it, everything is in English.

const { gettext: translated, ngettext: counted } = globalThis.django ?? {};

export const language = document.documentElement.lang;

/** How numbers and dates are written: as the browser does, where it speaks the language of the page. */
export const locale = navigator.languages.find((name) => name.split("-")[0] === language) ?? language;

export const gettext = translated ?? ((text) => text);

export const ngettext = counted ?? ((one, many, count) => (count === 1 ? one : many));

/** `text` with a value in place of each %(name)s. */
export const interpolate = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
