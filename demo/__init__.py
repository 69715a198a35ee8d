"""One walk down the whole road, from a folder of pictures to an archive of approved ones: `make demo`.

A client like any other: it speaks the public HTTP API and nothing else. Sent to a stack that is
killed and started again in the middle, it goes on where it was.
"""
