// What every rule relies on: the cycle's clock behind Date, console, logger, util, require, and the evaluation of
// the rule's own text. Gets the host's functions, returns the tools for the host.
(function (host) {
  'use strict';

  const global = globalThis;
  const RealDate = Date;

  // The engine converts local time to UTC wrongly near changes of the clocks, so that is done here: a time that occurs
  // twice is the earlier one, and one that does not occur is counted from before the change. It gets the offset of a
  // moment right.
  const DAY = 86400000, realOffset = RealDate.prototype.getTimezoneOffset, realSetTime = RealDate.prototype.setTime;
  const offsetAt = (time) => -realOffset.call(new RealDate(time)) * 60000;
  function utcOf(local) {
    if (!(local > -8.7e15 && local < 8.7e15)) return NaN;
    const before = offsetAt(local - DAY), first = local - before;
    if (offsetAt(first) === before) return first;
    const after = offsetAt(local + DAY), second = local - after;
    return offsetAt(second) === after ? second : first;
  }
  for (const field of ['Milliseconds', 'Seconds', 'Minutes', 'Hours', 'Date', 'Month', 'FullYear']) {
    const ofUtc = RealDate.prototype[`setUTC${field}`];
    const name = `set${field}`;
    const set = {
      [name](...given) {
        const time = this.getTime();
        const local = new RealDate(time + offsetAt(time));
        ofUtc.apply(local, given);
        return realSetTime.call(this, utcOf(local.getTime()));
      },
    };
    Object.defineProperty(RealDate.prototype, name, { value: set[name], writable: true, configurable: true });
  }
  const LOCAL = /^\s*(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*$/;
  function parse(text) {
    const found = LOCAL.exec(text);
    return found === null ? RealDate.parse(text) : utcOf(RealDate.parse(`${found[1]}T${found[2]}Z`));
  }
  function timeOf(parts) {
    if (parts.length === 0) return host.now();
    if (parts.length > 1) return utcOf(RealDate.UTC(...parts));
    return typeof parts[0] === 'string' ? parse(parts[0]) : parts[0];
  }

  // A clock that stands still during a cycle. Everything else about dates is the engine's.
  function ClockDate(...parts) {
    if (new.target === undefined) return new RealDate(host.now()).toString();
    return Reflect.construct(RealDate, [timeOf(parts)], new.target);
  }
  Object.defineProperty(ClockDate, 'name', { value: 'Date', configurable: true });
  Object.defineProperty(ClockDate, 'length', { value: 7, configurable: true });
  ClockDate.prototype = RealDate.prototype;
  const hidden = (value) => ({ value, writable: true, configurable: true });
  Object.defineProperties(ClockDate, {
    now: hidden(function now() { return host.now(); }),
    parse: hidden(function (text) { return parse(String(text)); }),
    UTC: hidden(RealDate.UTC),
  });
  Object.defineProperty(RealDate.prototype, 'constructor', hidden(ClockDate));
  Object.defineProperty(global, 'Date', hidden(ClockDate));
  delete global.performance;

  // A value as a line of the log shows it.
  function shown(value) {
    if (typeof value === 'string') return value;
    if (typeof value === 'function') return `[function ${value.name}]`;
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (typeof value === 'object' && value !== null) {
      try {
        return JSON.stringify(value) ?? String(value);
      } catch (error) {
        return `[object: ${error.message}]`;
      }
    }
    return typeof value === 'symbol' ? value.toString() : `${value}`;
  }

  const writer = (level) => (...values) => { host.log(level, values.map(shown).join(' ')); };
  global.logger = {
    debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error'),
    trace: writer('debug'), fatal: writer('error'),
  };
  global.console = {
    log: writer('info'), info: writer('info'), debug: writer('debug'), warn: writer('warn'),
    error: writer('error'), trace: writer('debug'), dir: writer('info'), table: writer('info'),
    time() {}, timeEnd() {}, timeLog() {}, group() {}, groupEnd() {}, assert() {}, count() {},
  };

  const factors = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4, PiB: 1024 ** 5 };
  // Unit, digits after the point, and the size at which the next one begins.
  const steps = [
    ['Byte', 2, 1, 1024], ['KiB', 2, 1024, 1024 ** 2], ['MiB', 2, 1024 ** 2, 1024 ** 3],
    ['GiB', 3, 1024 ** 3, 1024 ** 4], ['TiB', 3, 1024 ** 4, 1024 ** 5], ['PiB', 3, 1024 ** 5, 1024 ** 6],
  ];
  global.util = {
    calSize(size, unit) {
      return +size * (factors[unit] || 1);
    },
    formatSize(size) {
      for (const [unit, digits, factor, end] of steps) {
        if (size < end) return `${(factor === 1 ? size : size / factor).toFixed(digits)} ${unit}`;
      }
      return undefined;
    },
  };

  global.require = function require(name) {
    if (name === 'moment' && global.moment) return global.moment;
    if (name === 'util') return global.util;
    throw new Error(`require(${shown(name)}) is not offered: rules have no files, no network and no modules but moment`);
  };

  // Direct evaluation in a strict function, as Vertex does it: names that the text declares are its own, and the
  // value of its last expression is the result. The function is made at the top, so that rules see nothing of this one.
  const evaluate = (0, eval)("(function () { 'use strict'; return eval(arguments[0]); })");

  function show(value, longest) {
    return (value === undefined ? 'undefined' : shown(value)).slice(0, longest);
  }

  return { evaluate, show, global };
})
