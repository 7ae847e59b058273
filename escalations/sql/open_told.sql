SELECT promised.answer FROM promised;
