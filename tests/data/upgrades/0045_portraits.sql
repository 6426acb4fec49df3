INSERT INTO portraits (agent_id, digest, jpeg, changed_at) VALUES (1, '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', '/9j/2Q==', 1760000000000);
