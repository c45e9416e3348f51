"""The default client. Importing this module makes it, which happens on its first use."""

from replicate_ext._client import Replicate

client = Replicate()

files = client.files
paginate = client.paginate
predictions = client.predictions
run = client.run
stream = client.stream
wait = client.wait
