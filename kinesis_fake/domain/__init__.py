"""What Kinesis is made of. Nothing here knows botocore, JSON or a clock: time comes in as an argument."""
