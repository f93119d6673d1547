"""The scanner of data sets beside its peers, on poison of our own making and on clean controls."""
