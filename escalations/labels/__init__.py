"""What people teach: detectors and how often they err, what labels mean, labels that were made elsewhere."""
