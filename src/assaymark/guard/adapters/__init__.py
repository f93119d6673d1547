"""The guard inside other programs' frames: ASGI applications, LangChain, the OpenAI agents library.

Each module imports its library itself and says what to install if it is missing; nothing is imported here.
"""
