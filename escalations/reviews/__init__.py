"""The audit stream: who looks a second time, at what, and what the two come to (labels.md, "Agreement").

`drawing` chooses the decisions, `line` gives them to people and takes what they say, `comparing` says where
two people differ, `gold` is about labels that are known for sure, `pairs` is what agreement is measured on,
`backlog` what is left to do.
"""
