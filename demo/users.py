"""What the simulated users say when a person takes over. All words are our own."""

import random

_ASKED = (
    "Yes, that is right.",
    "No, nothing at all so far.",
    "One moment, I have to look … it says 4471 on the letter.",
    "The second one, please.",
    "I think it was on Tuesday, in the evening.",
    "Only the e-mail from this morning.",
)
_TOLD = (
    "All right. How long will that take?",
    "Thank you, I will try that.",
    "Good to talk to somebody who knows.",
    "And will I hear from you again?",
    "Okay. Could you put that in writing, please?",
    "I see. And what does it cost me?",
)
_CONTENT = (
    "That is all, thank you very much!",
    "Wonderful, then I have everything.",
    "Thanks, have a good day.",
)
_FROM_THE_AGENT = (
    "The record says so; it was last changed an hour ago.",
    "I looked it up a second time, and it is the same as before.",
    "I do not have access to that system.",
)
# After so many answers a user is content.
PATIENCE = 4


def answer_to(words: str, *, answered: int, dice: random.Random) -> str:
    """What a user answers to a person who wrote `words`, having answered so many times before."""
    if answered >= PATIENCE:
        return dice.choice(_CONTENT)
    return dice.choice(_ASKED if "?" in words else _TOLD)


def answer_of_agent(dice: random.Random) -> str:
    """What an agent answers to a question of the desk."""
    return dice.choice(_FROM_THE_AGENT)


def typing_seconds(words: str, *, pace: tuple[float, float], dice: random.Random) -> float:
    """How long it takes to type `words`, within the bounds of `pace`."""
    least, most = pace
    return min(most, max(least, len(words) / dice.uniform(6, 14)))
