"""Words that are written under the keys of persons, and are no person, or are other things as well."""

_NOBODY = """
admin agent anonymous assistant caller client company customer default demo employee example false guest
home main member missing n/a name nil nobody none null others owner patient person private redacted
removed sample self shipping staff string test true undefined unknown user various work yes
"""
_PARTS_OF_MANY = """
and dame das del dem den der des die doctor doktor dos dr. frau herr ibn lady las los madam miss mr. mrs
mrs. ms. prof prof. sir the van vom von zum zur
"""
_COMMON = """
able all also amber any april are art ash august autumn back baker banks bar bay bear bell berry best
bill bird bishop black blue bond book booker boy bridge bright brook brooks brown bush butler can case
cash chance chase cherry china church city clay close cliff cloud cole cook cross daisy dale dark dawn
day dean drew earl early east eve fair faith farmer field first fish fisher flint flower for forest forty
fox frank free frost gene glass glen gold good grace grant gray green grey grove guy hall hand hard hazel
heath hill holiday holly hope house how hunt hunter ice iris iron ivy jack jade jay jean joy june just
justice keen key kind king knight lake lamb land lane last law lily little lock long lord lots love low
luck major man march mark marks marshall mason may mercy miles mill miller moon more moss new nick nice
noble north not oak olive one orange order out page park parker parks parsons patience pearl penny pepper
perfect phone pick pike pool poole poor pope porter post potter power precious price pride prince prosper
purple quick rain ray read red reed rich ring rings rip river rivers road robin rock roman rose ruby rush
sage sand see sea sharp shepherd short silver sky small smart smith snow song south spring star steel
stone storm strange street strong summer sun sunny swan sweet swift taylor teacher temple thorn tiger tom
trace tree true turner two victory violet wade walker wall ward was water waters way weaver wells west
wheeler white who will win winter wise wolf wood woods worth wright you young
"""
# The keys of what is said and of schemas, which must keep their form.
_KEYS = """
arguments content description enum function image_url items name parameters properties refusal required role
strict text title tool_call_id tool_calls tools type
"""
# What is said where nobody is known, or where the agent names a role.
NOBODY = frozenset([*_NOBODY.split(), *_KEYS.split()])
# Titles and particles, which tell nobody without the rest of the name.
PARTS_OF_MANY = frozenset(_PARTS_OF_MANY.split())
# Of these only what is capitalised is taken for the name: “will” stays, “Will” goes.
COMMON = frozenset(_COMMON.split())
