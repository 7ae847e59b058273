SELECT able, available, ahead, expected_wait_seconds FROM line;
