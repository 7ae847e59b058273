"""Service levels: clocks in business time, the timers that ring on them, and ageing."""
