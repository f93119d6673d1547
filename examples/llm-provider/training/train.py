"""Fine-tunes the model; data and base model are pinned."""

from datasets import load_dataset
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

BASE = "example/meridian-base"
BASE_REVISION = "5f0b02c75b57c5855da9ae460ce51323ea669d8a"
DATA = "example/web-answers"
DATA_REVISION = "9f3bd1a4c0de54d2f1a2b7c86e0f1d2c3b4a5968"


def main() -> None:
    """Train one epoch and write safetensors."""
    data = load_dataset(DATA, revision=DATA_REVISION, split="train")
    model = AutoModelForCausalLM.from_pretrained(BASE, revision=BASE_REVISION, use_safetensors=True)
    arguments = TrainingArguments("out", num_train_epochs=1, save_safetensors=True, report_to=["wandb"])
    trainer = Trainer(model=model, args=arguments, train_dataset=data)
    trainer.train()
    trainer.save_model("models")


if __name__ == "__main__":
    main()
