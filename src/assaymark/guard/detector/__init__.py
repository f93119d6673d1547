"""Text → how far it tries to change whom a model obeys or what may leave, and where.

`features` and `windows` feed a linear model over every window; `wordpiece` and `encoder` a small
sentence encoder over the most suspicious ones; `detector` joins the two.
"""
