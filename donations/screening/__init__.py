"""Are they on a list of sanctions, or politically exposed? Names compared, and the answer explained. Pure, no database.

`ofac`, `un` and `eu` read published files into lists; `index` finds the entries a name may mean; `decisions` says how
alike they are and why. `quality` measures all of it on labelled pairs. docs/screening.md tells how it decides.
"""
