'use strict';

const fs = require('fs');
const { join, resolve: absolute } = require('node:path');
const debug = require('debug')('app');

module.exports = createApp;
module.exports.VERSION = '2.0';

/** Builds the application. */
function createApp(options) {
  const app = Object.create(proto);
  app.handle = function handle(req, res) {
    return options.next ? options.next(req) : res.end();
  };
  return app;
}

exports.fetchData = async function (url) {
  return (await import('./client.js')).get(url);
};

exports.multiply = (a, b) => a * b;
exports.LIMIT = 10;

module.exports = { createApp, greet, add: (a, b) => a + b };

var Calculator = function Calculator(start) {
  this.total = start;
};

Calculator.prototype.add = function add(n) {
  this.total += n;
  return this;
};

Calculator.create = function () { return new Calculator(0); };

Calculator.prototype = {
  constructor: Calculator,
  divide: function (n) {
    if (!n) throw new Error('zero');
    this.total /= n;
  },
};

function greet(name) { return 'Hello, ' + name; }
