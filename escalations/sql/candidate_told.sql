SELECT id FROM candidate;
