INSERT INTO identities (issuer, subject, agent_id, created_at) VALUES ('https://login.smreka.example/realms/shop', '5d1c0a2e', 1, 1790000000000);
