"""What came up again and again in the last month: stories that are told with other particulars each time."""

from demo.stories import billing, support, travel
from demo.stories.telling import Ending, Fill, Story

STORIES: tuple[Story, ...] = (*billing.STORIES, *support.STORIES, *travel.STORIES)

__all__ = ["STORIES", "Ending", "Fill", "Story"]
