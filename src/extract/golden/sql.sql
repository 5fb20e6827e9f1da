-- Accounts and what they did.
CREATE TABLE IF NOT EXISTS accounts (
    id SERIAL PRIMARY KEY,
    name TEXT NOT NULL DEFAULT 'CREATE TABLE not_a_table'
);

create temporary table "public"."audit log" (
    account_id INTEGER REFERENCES accounts (id)
);

CREATE UNIQUE INDEX idx_accounts_name
    ON accounts (name);

/* Totals per account. */
CREATE OR REPLACE VIEW reporting.totals AS
SELECT account_id, SUM(amount) AS total
FROM `ledger`
GROUP BY account_id;

-- Divides; zero gives null.
CREATE OR REPLACE FUNCTION safe_divide(a NUMERIC, b NUMERIC DEFAULT 1)
RETURNS NUMERIC AS $$
BEGIN
    IF b = 0 THEN
        RETURN NULL;
    END IF;
    RETURN a / b;
END;
$$ LANGUAGE plpgsql;

CREATE PROCEDURE [dbo].[add_numbers] @a INT, @b INT
AS
BEGIN
    SELECT @a + @b;
END;
GO

CREATE TRIGGER on_insert AFTER INSERT ON accounts
FOR EACH ROW EXECUTE FUNCTION audit();

CREATE TYPE level AS ENUM ('low', 'high');

CREATE MATERIALIZED VIEW fibonacci AS
WITH RECURSIVE f(n, a, b) AS (
    SELECT 1, 0, 1 UNION ALL SELECT n + 1, b, a + b FROM f WHERE n < 10
)
SELECT * FROM f;

CREATE SCHEMA reporting;
ALTER TABLE accounts ADD COLUMN email TEXT;
