"""The contracts as files: schemas, samples and the catalogue, all generated."""
