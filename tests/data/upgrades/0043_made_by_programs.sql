INSERT INTO made_by_programs (agent_id, client_id, digest, made_id, created_at) VALUES (1, 'crm-rule-1', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', 1, 1760000000000);
