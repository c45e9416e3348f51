"""Run by checks.py with langchain-community, which uses the official client 1.x."""

from langchain_community.llms import Replicate

language_model = Replicate(model="acme/prompt", model_kwargs={"temperature": 0.5})
assert language_model.invoke("hello") == "hello"
print("passed")
