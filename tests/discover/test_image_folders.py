"""Folders of images are data sets; pictures of a website are not."""

from assaymark.asset import FileEntry, Tree
from assaymark.discover.image_folders import image_folders


def tree(*folders: str, each: int = 12) -> Tree:
    """A tree with `each` images in every folder."""
    return Tree(
        tuple(
            FileEntry(f"{f}/{n}.png", 10, f"{i:032x}{n:032x}")
            for i, f in enumerate(folders)
            for n in range(each)
        )
    )


def test_folders_side_by_side_are_labels_of_one_set() -> None:
    """`train/cat` and `train/dog` are one data set with two labels."""
    (data,) = image_folders(tree("train/cat", "train/dog"))

    assert (data.at.path, data.rows, data.labels) == ("train", 24, ("cat", "dog"))


def test_a_single_folder_is_a_set_of_its_own() -> None:
    """Enough images in one folder make a data set without labels."""
    (data,) = image_folders(tree("pictures", each=30))

    assert (data.at.path, data.labels) == ("pictures", ())


def test_a_few_images_and_a_websites_pictures_are_no_data_set() -> None:
    """Icons, screenshots and small folders are left alone."""
    assert not list(image_folders(tree("a", each=5)))
    assert not list(image_folders(tree("docs/img", "static/icons", each=50)))


def test_the_digest_follows_the_content() -> None:
    """Another image, another digest."""
    one, two = tree("p", each=30), tree("p", each=31)

    assert next(iter(image_folders(one))).sha256 != next(iter(image_folders(two))).sha256
