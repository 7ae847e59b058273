SELECT promised.answer, caller.requests_per_second FROM promised, caller;
