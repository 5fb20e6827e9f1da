-- create table not_real (a int);
CREATE SCHEMA IF NOT EXISTS shop AUTHORIZATION admin;
CREATE SCHEMA "Odd Name";
CREATE SEQUENCE shop.order_seq START 1;
create table if not exists shop.orders (
  id bigint primary key default nextval('shop.order_seq'), -- comment ;
  "select" text, price numeric(10, 2) check (price > 0),
  constraint c unique (id)
);
CREATE TEMP TABLE t1 AS SELECT 1; CREATE UNLOGGED TABLE t2 (a int);
create unique index concurrently if not exists idx_orders on shop.orders (price);
CREATE INDEX ON shop.orders (id);
create or replace view shop.v_orders (a, b) as select 1, 'create table x (y int);';
CREATE MATERIALIZED VIEW mv AS SELECT 1;
create type shop.mood as enum ('sad', 'ok');
CREATE DOMAIN email AS text CHECK (value ~ '@');
create function shop.add(a int, b int default (1 + 2), out c numeric(10,2)) returns numeric(10, 2) as $$
begin
  create table inner_table (x int);
  if a > 1 then return a; end if;
end;
$$ language plpgsql;
create or replace procedure [dbo].[sp_do] @a int = 1, @b nvarchar(max) OUTPUT
as
begin
  select case when 1 = 1 then 2 end;
end
go
CREATE TRIGGER trg BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.add();
create function f2() returns table (a int, b text) language sql as $fn$ select 1, 'x' $fn$;
CREATE FUNCTION one_sql(x int) RETURNS int RETURN x + 1;
create table `back` (a int) engine=InnoDB; create table [sq].[tab] (a int)
go
CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE ROLE reader;
CREATE DATABASE app;
create aggregate my_sum(int) (sfunc = add, stype = int);
CREATE POLICY pol ON shop.orders USING (true);
CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DO DELETE FROM t1;
CREATE PACKAGE pkg AS
  PROCEDURE p1(a NUMBER);
END pkg;
/
CREATE SYNONYM syn FOR shop.orders;
ALTER TABLE shop.orders ADD COLUMN z int;
CREATE OR REPLACE FUNCTION "Quoted"."Fn"(a text = 'x, y') RETURNS void AS 'select 1;' LANGUAGE sql;
/* create table hidden (a int); */
create table last_one (a int)
