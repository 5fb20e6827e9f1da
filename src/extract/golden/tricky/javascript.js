"use strict";
const a = 1; let b = 2, c = () => 3; var d = function () {};
import def, { one as uno } from "m";
function* gen(x = {}, { y, z: [w] } = {}, ...rest) {}
async function load(url, opts = { a: (b, c) => b }, cb = function (e, f) {}) {}
class A extends (B, C) {
  static #p = 1; q = 2
  static async *items() {}
  get size() { return 1 } set size(v) {}
  static { function hidden() {} }
  ["computed" + 1]() {}
  'use-it'() {}
  123() {}
  async = 5;
  get = () => {};
  list = [function () {}, { on() {} }];
  inner = class { deep() {} };
}
const Klass = class Named { method() {} };
const obj = {
  short() {}, arrow: () => {}, fn: function () {}, async load() {}, *gen() {}, get v() { return 1 }, set v(x) {},
  "quoted-key": function () {}, [computed]: () => {}, nested: { deep: { deeper() {} } }, klass: class {},
};
A.prototype.late = function (x, y) {};
A.util = (z) => z;
exports.first = function () {};
module.exports.second = (q) => q;
exports.value = 5;
window.App = { start() {} };
(function iife() { function inside() {} })();
(() => { const hidden = () => {}; function seen() {} })();
export const { p, q: { r = 1 }, ...s } = obj, [t, , u = 2] = list;
export default class extends A { run() {} }
label: for (const i of list) { function inLoop() {} }
if (true) { function inIf() {} var notTop = 1; }
register({ onStart() {}, onStop: () => {} });
new Vue({ data() { return {} }, methods: { click() {} } });
const memo = useCallback(async (ev) => {}, []);
const wrapped = wrap(function named() {});
let lazy; lazy = () => 1;
var self = this, that = self;
const chain = a.b.c(function () {}).d((x) => x);
const re = /function f() {}/, tpl = `function g() { ${() => 1} }`;
const Button = styled.button`color: red`;
const Ctx = React.createContext(null), Lazy = React.lazy(() => import("./x"));
