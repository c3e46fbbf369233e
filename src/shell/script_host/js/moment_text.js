// moment(): writing and reading text.
(function (tools) {
  'use strict';

  const { Moment, moment, make, parts, timeOf, fromParts, toInt, text } = tools.moment;
  const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
  const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  Object.assign(text, { MONTHS, DAYS });
  moment.months = (index) => (typeof index === 'number' ? MONTHS[index] : MONTHS.slice());
  moment.monthsShort = () => MONTHS.map((name) => name.slice(0, 3));
  moment.weekdays = (index) => (typeof index === 'number' ? DAYS[index] : DAYS.slice());
  moment.weekdaysShort = () => DAYS.map((name) => name.slice(0, 3));
  moment.weekdaysMin = () => DAYS.map((name) => name.slice(0, 2));
  moment.ISO_8601 = 'ISO_8601';

  const pad = (number, width) => {
    const digits = String(Math.abs(number)).padStart(width, '0');
    return number < 0 ? `-${digits}` : digits;
  };
  function ordinal(number) {
    const ten = number % 10;
    if (toInt((number % 100) / 10) === 1) return `${number}th`;
    return number + (ten === 1 ? 'st' : ten === 2 ? 'nd' : ten === 3 ? 'rd' : 'th');
  }
  function zone(m, separator) {
    const offset = m.utcOffset(), size = Math.abs(offset);
    return (offset < 0 ? '-' : '+') + pad(Math.floor(size / 60), 2) + separator + pad(size % 60, 2);
  }
  const twelve = (m) => m.hour() % 12 || 12;

  const WRITE = {
    M: (m) => m.month() + 1, Mo: (m) => ordinal(m.month() + 1), MM: (m) => pad(m.month() + 1, 2),
    MMM: (m) => MONTHS[m.month()].slice(0, 3), MMMM: (m) => MONTHS[m.month()],
    Q: (m) => m.quarter(), Qo: (m) => ordinal(m.quarter()),
    D: (m) => m.date(), Do: (m) => ordinal(m.date()), DD: (m) => pad(m.date(), 2),
    DDD: (m) => m.dayOfYear(), DDDo: (m) => ordinal(m.dayOfYear()), DDDD: (m) => pad(m.dayOfYear(), 3),
    d: (m) => m.day(), do: (m) => ordinal(m.day()), dd: (m) => DAYS[m.day()].slice(0, 2),
    ddd: (m) => DAYS[m.day()].slice(0, 3), dddd: (m) => DAYS[m.day()], e: (m) => m.weekday(), E: (m) => m.isoWeekday(),
    w: (m) => m.week(), wo: (m) => ordinal(m.week()), ww: (m) => pad(m.week(), 2),
    W: (m) => m.isoWeek(), Wo: (m) => ordinal(m.isoWeek()), WW: (m) => pad(m.isoWeek(), 2),
    YY: (m) => pad(m.year() % 100, 2), YYYY: (m) => (m.year() <= 9999 ? pad(m.year(), 4) : `+${m.year()}`),
    Y: (m) => (m.year() <= 9999 ? pad(m.year(), 4) : `+${m.year()}`),
    YYYYY: (m) => pad(m.year(), 5), YYYYYY: (m) => (m.year() < 0 ? '' : '+') + pad(m.year(), 6),
    gg: (m) => pad(m.weekYear() % 100, 2), gggg: (m) => pad(m.weekYear(), 4),
    GG: (m) => pad(m.isoWeekYear() % 100, 2), GGGG: (m) => pad(m.isoWeekYear(), 4),
    A: (m) => (m.hour() < 12 ? 'AM' : 'PM'), a: (m) => (m.hour() < 12 ? 'am' : 'pm'),
    H: (m) => m.hour(), HH: (m) => pad(m.hour(), 2), h: twelve, hh: (m) => pad(twelve(m), 2),
    k: (m) => m.hour() || 24, kk: (m) => pad(m.hour() || 24, 2),
    m: (m) => m.minute(), mm: (m) => pad(m.minute(), 2), s: (m) => m.second(), ss: (m) => pad(m.second(), 2),
    Hmm: (m) => `${m.hour()}${pad(m.minute(), 2)}`, Hmmss: (m) => `${m.hour()}${pad(m.minute(), 2)}${pad(m.second(), 2)}`,
    hmm: (m) => `${twelve(m)}${pad(m.minute(), 2)}`, hmmss: (m) => `${twelve(m)}${pad(m.minute(), 2)}${pad(m.second(), 2)}`,
    X: (m) => m.unix(), x: (m) => m.valueOf(), Z: (m) => zone(m, ':'), ZZ: (m) => zone(m, ''),
    z: (m) => (m.offset === null ? '' : 'UTC'), zz: (m) => (m.offset === null ? '' : 'Coordinated Universal Time'),
  };
  const LONG = {
    LT: 'h:mm A', LTS: 'h:mm:ss A', L: 'MM/DD/YYYY', LL: 'MMMM D, YYYY', LLL: 'MMMM D, YYYY h:mm A',
    LLLL: 'dddd, MMMM D, YYYY h:mm A', l: 'M/D/YYYY', ll: 'MMM D, YYYY', lll: 'MMM D, YYYY h:mm A', llll: 'ddd, MMM D, YYYY h:mm A',
  };
  const expand = (format) => format.replace(/\[[^[\]]*\]|LTS|LT|LL?L?L?|l{1,4}/g, (found) => LONG[found] || found);
  const TOKEN = /\[[^[\]]*\]|\\.|[Hh]mm(?:ss)?|Mo|M{1,4}|Do|DDDo|D{1,4}|do|d{1,4}|wo|ww?|Wo|WW?|Qo|Q|Y{4,6}|YY|Y|gggg|gg|GGGG|GG|e|E|a|A|hh?|HH?|kk?|mm?|ss?|S{1,9}|x|X|zz?|ZZ?|./gs;

  function fraction(m, width) {
    return String(m.millisecond()).padStart(3, '0').padEnd(width, '0').slice(0, width);
  }
  function write(m, format) {
    return expand(format).replace(TOKEN, (token) => {
      if (token[0] === '[' && token.length > 1) return token.slice(1, -1);
      if (token[0] === '\\' && token.length > 1) return token.slice(1);
      if (/^S+$/.test(token)) return fraction(m, token.length);
      return Object.hasOwn(WRITE, token) ? WRITE[token](m) : token;
    });
  }

  Object.assign(Moment.prototype, {
    format(format) {
      if (!this.isValid()) return 'Invalid date';
      return write(this, format || (this.offset === 0 ? 'YYYY-MM-DDTHH:mm:ss[Z]' : 'YYYY-MM-DDTHH:mm:ssZ'));
    },
    toISOString(keepOffset) {
      if (!this.isValid()) return null;
      const m = keepOffset === true ? this : this.clone().utc();
      const year = m.year() < 0 || m.year() > 9999 ? 'YYYYYY' : 'YYYY';
      return m.format(`${year}-MM-DD[T]HH:mm:ss.SSS${keepOffset === true ? 'Z' : '[Z]'}`);
    },
    toJSON() { return this.isValid() ? this.toISOString() : null; },
    toString() { return this.format('ddd MMM DD YYYY HH:mm:ss [GMT]ZZ'); },
    calendar() {
      const days = this.clone().startOf('day').diff(make(Date.now(), this.offset).startOf('day'), 'days', true);
      const formats = [[-6, 'L'], [-1, '[Last] dddd [at] LT'], [0, '[Yesterday at] LT'], [1, '[Today at] LT'], [2, '[Tomorrow at] LT'], [7, 'dddd [at] LT']];
      const found = formats.find(([below]) => days < below);
      return this.format(found ? found[1] : 'L');
    },
  });

  // An offset in a text, in minutes: the last of `Z`, `+08:00`, `-0530`.
  text.offsetIn = (given) => {
    const found = (given || '').match(/Z|[+-]\d\d(?::?\d\d)?/gi);
    if (found === null) return null;
    const [, sign, hours, minutes] = found[found.length - 1].match(/([+-])(\d\d):?(\d\d)?/) || [];
    if (sign === undefined) return 0;
    return (sign === '-' ? -1 : 1) * (hours * 60 + toInt(minutes));
  };

  const ISO = /^\s*([+-]\d{6}|\d{4})(?:-?(\d\d)(?:-?(\d\d))?|-(\d{3})|-?W(\d\d)(?:-?(\d))?)?(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?\s*$/;
  // Text without a format: ISO 8601, in local time unless it says otherwise; else whatever Date makes of it.
  text.parseIso = (given, offset) => {
    const found = ISO.exec(given);
    if (found === null) return new Date(offset === 0 ? `${given} UTC` : given).getTime();
    const [, year, month, date, dayOfYear, week, weekday, hour, minute, second, fractionOf, zoneOf] = found;
    const at = zoneOf === undefined ? offset : text.offsetIn(zoneOf);
    const ms = fractionOf === undefined ? 0 : toInt(`0.${fractionOf}` * 1000);
    const time = [hour, minute, second].map((part) => toInt(part));
    if (week !== undefined) return isoWeek(+year, +week, weekday === undefined ? 1 : +weekday, [...time, ms], at);
    if (dayOfYear !== undefined) return timeOf([+year, 0, +dayOfYear, ...time, ms], at);
    return fromParts([+year, month === undefined ? 0 : month - 1, date === undefined ? 1 : +date, ...time, ms], at);
  };
  function isoWeek(year, week, weekday, time, at) {
    const fourth = new Date(Date.UTC(year, 0, 4)).getUTCDay() || 7;
    return timeOf([year, 0, 4 - fourth + (week - 1) * 7 + weekday, ...time], at);
  }

  // What a token reads: its pattern, strict and not, and what it does with what was found.
  const two = [/\d\d/, /\d\d?/], four = [/\d{4}/, /\d{1,4}/], one = [/\d\d?/, /\d\d?/];
  const put = (index, change = (n) => n) => (found, into) => { into.parts[index] = change(+found); };
  const lookup = (names) => (found) => names.findIndex((name) => name.toLowerCase().startsWith(found.toLowerCase().slice(0, 3)));
  const READ = {
    YYYY: [four, (found, into) => { into.parts[0] = found.length === 2 ? century(+found) : +found; }], YY: [two, put(0, century)], Y: [[/[+-]?\d+/, /[+-]?\d+/], put(0)],
    M: [one, put(1, (n) => n - 1)], MM: [two, put(1, (n) => n - 1)], D: [one, put(2)], DD: [two, put(2)],
    Do: [[/\d\d?(?:th|st|nd|rd)/, /\d\d?/], (found, into) => { into.parts[2] = parseInt(found, 10); }],
    MMM: [[/[a-z]{3}/i, /[a-z]{3,}/i], month], MMMM: [[/[a-z]{3,}/i, /[a-z]{3,}/i], month],
    DDD: [[/\d{1,3}/, /\d{1,3}/], (found, into) => { into.dayOfYear = +found; }], DDDD: [[/\d{3}/, /\d{1,3}/], (found, into) => { into.dayOfYear = +found; }],
    Q: [[/[1-4]/, /[1-4]/], put(1, (n) => (n - 1) * 3)],
    H: [one, put(3)], HH: [two, put(3)], k: [one, put(3, (n) => (n === 24 ? 0 : n))], kk: [two, put(3, (n) => (n === 24 ? 0 : n))],
    h: [one, hour], hh: [two, hour], m: [one, put(4)], mm: [two, put(4)], s: [one, put(5)], ss: [two, put(5)],
    a: [[/[ap]m/i, /[ap]\.?m?\.?/i], half], A: [[/[ap]m/i, /[ap]\.?m?\.?/i], half],
    X: [[/[+-]?\d+(?:\.\d{1,3})?/, /[+-]?\d+(?:\.\d{1,3})?/], (found, into) => { into.time = found * 1000; }],
    x: [[/[+-]?\d+/, /[+-]?\d+/], (found, into) => { into.time = +found; }],
    Z: [[/Z|[+-]\d\d:?\d\d/i, /Z|[+-]\d\d(?::?\d\d)?/i], offsetAt], ZZ: [[/Z|[+-]\d\d:?\d\d/i, /Z|[+-]\d\d(?::?\d\d)?/i], offsetAt],
    ddd: [[/[a-z]{3}/i, /[a-z]+/i], () => {}], dddd: [[/[a-z]+/i, /[a-z]+/i], () => {}], dd: [[/[a-z]{2}/i, /[a-z]+/i], () => {}],
  };
  function century(n) { return n + (n > 68 ? 1900 : 2000); }
  function month(found, into) { into.parts[1] = lookup(MONTHS)(found); if (into.parts[1] < 0) into.isBad = true; }
  function hour(found, into) { into.parts[3] = +found; if (into.isStrict && (+found > 12 || +found === 0)) into.isBad = true; }
  function half(found, into) { into.isAfternoon = /^p/i.test(found); into.hasHalf = true; }
  function offsetAt(found, into) { into.offset = text.offsetIn(found); }
  const fractional = [/\d+/, (found, into) => { into.parts[6] = toInt(`0.${found}` * 1000); }];

  // Text with a format. Without `strict` what does not fit is skipped, as long as something does.
  text.parse = (given, format, isStrict, offset) => {
    if (format === moment.ISO_8601) return ISO.test(given) ? text.parseIso(given, offset) : NaN;
    const into = { parts: [], offset, isStrict };
    let rest = given, count = 0;
    for (const token of expand(format).match(TOKEN) || []) {
      const [patterns, take] = /^S+$/.test(token) ? [[fractional[0], fractional[0]], fractional[1]] : READ[token] || [];
      const literal = token[0] === '[' && token.length > 1 ? token.slice(1, -1) : token;
      if (patterns === undefined) {
        const at = rest.indexOf(literal);
        if (isStrict && at !== 0) return NaN;
        if (at >= 0 && (at === 0 || literal.trim() !== '')) rest = rest.slice(at + literal.length);
        continue;
      }
      const found = patterns[isStrict ? 0 : 1].exec(rest);
      if (found === null || (isStrict && found.index !== 0)) {
        if (isStrict) return NaN;
        continue;
      }
      rest = rest.slice(found.index + found[0].length);
      take(found[0], into);
      count += 1;
    }
    if (count === 0 || (isStrict && rest !== '') || into.isBad) return NaN;
    return assembled(into);
  };

  function assembled(into) {
    if (into.time !== undefined) return into.time;
    const p = into.parts;
    if (into.hasHalf && p[3] !== undefined) {
      if (into.isAfternoon && p[3] < 12) p[3] += 12;
      if (!into.isAfternoon && p[3] === 12) p[3] = 0;
    }
    if (into.dayOfYear !== undefined && p[1] === undefined && p[2] === undefined) {
      const year = p[0] === undefined ? parts(make(Date.now(), into.offset))[0] : p[0];
      const date = new Date(Date.UTC(year, 0, into.dayOfYear));
      [p[0], p[1], p[2]] = [year, date.getUTCMonth(), date.getUTCDate()];
    }
    return fromParts(Array.from({ length: 7 }, (_, i) => p[i]), into.offset);
  }
})
