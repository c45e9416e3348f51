"""Make 20 pictures, four at a time, with a progress bar, and save them under names of our own.

In this folder:

pip install '..[progress]'
export REPLICATE_API_TOKEN=r8_...
python many_pictures.py
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

import replicate_ext as replicate
from replicate_ext import FileOutput

COUNT = 20
PICTURE = Path(__file__).with_name("picture.png")


def make(number: int) -> FileOutput:
    """Make one picture."""
    output: FileOutput = replicate.run(
        "sandbox/posterize", {"image": PICTURE, "bits": number % 8 + 1}
    )
    return output


with ThreadPoolExecutor(4) as pool:
    pictures = list(tqdm(pool.map(make, range(COUNT)), "Making", COUNT))

# A second run replaces no picture: it saves poster-0-1.png and so on.
bar = replicate.progress_bar("Saving")
for path in replicate.save_outputs(
    pictures, "posters", name="poster-{index}{ext}", on_progress=bar
):
    print(path)
