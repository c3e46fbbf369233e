// moment(): the methods that rules use and the common rest, in English and for local time, UTC and fixed offsets.
// Creation, reading, changing and comparing; text is in moment_text.js, durations in moment_duration.js.
(function (tools) {
  'use strict';

  const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
  const mod = (n, by) => ((n % by) + by) % by;
  const truncate = (n) => (n < 0 ? Math.ceil(n) : Math.floor(n)) || 0;
  const roundAway = (n) => (n < 0 ? -Math.round(-n) : Math.round(n));
  const toInt = (value) => {
    const number = +value;
    return number !== 0 && Number.isFinite(number) ? truncate(number) : 0;
  };

  const UNITS = {
    y: 'year', year: 'year', years: 'year', Q: 'quarter', quarter: 'quarter', quarters: 'quarter',
    M: 'month', month: 'month', months: 'month', w: 'week', week: 'week', weeks: 'week',
    W: 'isoWeek', isoweek: 'isoWeek', isoweeks: 'isoWeek', D: 'date', date: 'date', dates: 'date',
    d: 'day', day: 'day', days: 'day', e: 'weekday', weekday: 'weekday', weekdays: 'weekday',
    E: 'isoWeekday', isoweekday: 'isoWeekday', isoweekdays: 'isoWeekday',
    DDD: 'dayOfYear', dayofyear: 'dayOfYear', dayofyears: 'dayOfYear',
    gg: 'weekYear', weekyear: 'weekYear', weekyears: 'weekYear',
    GG: 'isoWeekYear', isoweekyear: 'isoWeekYear', isoweekyears: 'isoWeekYear',
    h: 'hour', hour: 'hour', hours: 'hour', m: 'minute', minute: 'minute', minutes: 'minute',
    s: 'second', second: 'second', seconds: 'second',
    ms: 'millisecond', millisecond: 'millisecond', milliseconds: 'millisecond',
  };
  const unitOf = (text) => (typeof text === 'string' ? UNITS[text] || UNITS[text.toLowerCase()] : undefined);

  // A moment: `t` in milliseconds (NaN: invalid), `offset` in minutes east of UTC or null for local time.
  function Moment(t, offset) {
    this.t = t;
    this.offset = offset;
  }
  const isMoment = (value) => value instanceof Moment;
  const make = (t, offset) => new Moment(t, offset === undefined ? null : offset);
  const now = () => Date.now();

  const leap = (year) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  function daysInMonth(year, month) {
    const inYear = year + Math.floor(month / 12), m = mod(month, 12);
    return m === 1 ? (leap(inYear) ? 29 : 28) : 31 - ((m % 7) % 2);
  }

  // The parts of a moment: year, month, date, hours, minutes, seconds, milliseconds, day of the week.
  function parts(m) {
    if (m.offset === null) {
      const d = new Date(m.t);
      return [d.getFullYear(), d.getMonth(), d.getDate(), d.getHours(), d.getMinutes(), d.getSeconds(),
        d.getMilliseconds(), d.getDay()];
    }
    const d = new Date(m.t + m.offset * MINUTE);
    return [d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds(),
      d.getUTCMilliseconds(), d.getUTCDay()];
  }

  // The time of parts, local or at an offset. Years below 100 are years, not 1900 and something.
  function timeOf(p, offset) {
    const [y, mo = 0, d = 1, h = 0, mi = 0, s = 0, ms = 0] = p;
    const shifted = y >= 0 && y < 100 ? y + 400 : y;
    if (offset === null) {
      const date = new Date(shifted, mo, d, h, mi, s, ms);
      if (shifted !== y && Number.isFinite(date.getFullYear())) date.setFullYear(y);
      return date.getTime();
    }
    const date = new Date(Date.UTC(shifted, mo, d, h, mi, s, ms));
    if (shifted !== y && Number.isFinite(date.getTime())) date.setUTCFullYear(y);
    return date.getTime() - offset * MINUTE;
  }

  // Parts that are not given: bigger ones are of today, smaller ones the first of their kind.
  function fromParts(given, offset) {
    const today = parts(make(now(), offset));
    const whole = given.slice(0, 7);
    let i = 0;
    for (; i < 3 && whole[i] == null; i++) whole[i] = today[i];
    for (; i < 7; i++) whole[i] = whole[i] == null ? (i === 2 ? 1 : 0) : whole[i];
    const [y, mo, d, h, mi, s, ms] = whole.map(Number);
    const endOfDay = h === 24 && mi === 0 && s === 0 && ms === 0;
    const fits = mo >= 0 && mo <= 11 && d >= 1 && d <= daysInMonth(y, mo) && h >= 0 && (h <= 23 || endOfDay)
      && mi >= 0 && mi <= 59 && s >= 0 && s <= 59 && ms >= 0 && ms <= 999;
    if (!fits) return NaN;
    return endOfDay ? timeOf([y, mo, d + 1], offset) : timeOf([y, mo, d, h, mi, s, ms], offset);
  }

  function create(input, format, strict, offset) {
    const isEmpty = typeof input === 'object' && input !== null && !isMoment(input) && !(input instanceof Date)
      && Object.keys(input).length === 0;
    if (input === undefined || (isEmpty && format === undefined)) return make(now(), offset);
    if (input === null || (format === undefined && input === '')) return make(NaN, offset);
    if (isMoment(input)) return make(input.t, offset === null ? input.offset : offset);
    if (input instanceof Date) return make(input.getTime(), offset);
    if (Array.isArray(format)) {
      for (const one of format) {
        const tried = create(input, one, strict, offset);
        if (tried.isValid()) return tried;
      }
      return make(NaN, offset);
    }
    if (typeof format === 'string') return make(text.parse(String(input), format, strict === true, offset), offset);
    if (typeof input === 'number') return make(input, offset);
    if (typeof input === 'string') return make(text.parseIso(input, offset), offset);
    if (Array.isArray(input)) return make(fromParts(input, offset), offset);
    if (typeof input === 'object') {
      const given = {};
      for (const key of Object.keys(input)) given[unitOf(key) || key] = input[key];
      const day = given.date === undefined ? given.day : given.date;
      const list = [given.year, given.month, day, given.hour, given.minute, given.second, given.millisecond];
      return make(fromParts(list.map((part) => part && parseInt(part, 10)), offset), offset);
    }
    return make(NaN, offset);
  }

  function moment(input, format, locale, strict) {
    return create(input, format, typeof locale === 'boolean' ? locale : strict, null);
  }
  const like = (input) => (isMoment(input) ? input : create(input, undefined, false, null));

  // Filled by the other two files.
  const text = {}, durations = {};
  Object.assign(tools, {
    moment: { Moment, moment, create, make, parts, timeOf, fromParts, isMoment, like, unitOf, toInt, truncate, roundAway, mod, daysInMonth, now, text, durations, SECOND, MINUTE, HOUR, DAY },
  });

  Object.assign(moment, {
    version: '2.29.1',
    fn: Moment.prototype,
    utc: (input, format, locale, strict) => create(input, format, typeof locale === 'boolean' ? locale : strict, 0),
    unix: (seconds) => make(seconds * SECOND, null),
    now: () => now(),
    invalid: () => make(NaN, null),
    isMoment,
    isDate: (value) => value instanceof Date,
    normalizeUnits: unitOf,
    locale: () => 'en',
    parseZone: (input, format) => {
      const zone = typeof input === 'string' ? text.offsetIn(input) : null;
      return moment.utc(input, format).utcOffset(zone === null ? 0 : zone);
    },
  });
  const pick = (better) => (...given) => {
    const list = given.length === 1 && Array.isArray(given[0]) ? given[0] : given;
    if (list.length === 0) return moment();
    return list.reduce((best, m) => (!m.isValid() || better(m.t, best.t) ? m : best));
  };
  moment.min = pick((a, b) => a < b);
  moment.max = pick((a, b) => a > b);

  // The week of the year: which week, of which year. Weeks begin on `first`, and `sure` is the date in January
  // that is always in the first of them.
  function weekOf(m, first, sure) {
    const [year, , , , , , , day] = parts(m);
    const startOf = (y) => {
      const weekday = new Date(timeOf([y, 0, sure], 0)).getUTCDay();
      return sure - 1 - mod(weekday - first, 7);
    };
    const length = (y) => (leap(y) ? 366 : 365);
    const dayOfYear = m.dayOfYear() - 1 - mod(day - first, 7);
    const weekFrom = (y, dayIn) => Math.floor((dayIn - startOf(y)) / 7) + 1;
    const middle = weekFrom(year, dayOfYear);
    if (middle < 1) return [year - 1, weekFrom(year - 1, dayOfYear + length(year - 1))];
    const inYear = Math.round((startOf(year + 1) + length(year) - startOf(year)) / 7);
    return middle > inYear ? [year + 1, middle - inYear] : [year, middle];
  }

  function setPart(m, index, value) {
    const p = parts(m);
    if (index === 0 || index === 1) {
      const [y, mo] = index === 0 ? [value, p[1]] : [p[0], value];
      p[2] = Math.min(p[2], daysInMonth(y, mo));
    }
    p[index] = value;
    m.t = timeOf(p, m.offset);
    return m;
  }
  // A name of a month or day, or a number in a text.
  function named(value, names) {
    if (typeof value !== 'string' || value.trim() === '') return value;
    if (Number.isFinite(+value)) return +value;
    const found = names.findIndex((name) => name.toLowerCase().startsWith(value.toLowerCase().slice(0, 3)));
    return found < 0 ? NaN : found;
  }

  const ACCESS = {
    year: { get: (m) => parts(m)[0], set: (m, v) => setPart(m, 0, v) },
    month: {
      get: (m) => parts(m)[1],
      set: (m, v) => {
        const month = named(v, text.MONTHS);
        return Number.isNaN(month) ? m : setPart(m, 1, month);
      },
    },
    date: { get: (m) => parts(m)[2], set: (m, v) => setPart(m, 2, v) },
    hour: { get: (m) => parts(m)[3], set: (m, v) => setPart(m, 3, v) },
    minute: { get: (m) => parts(m)[4], set: (m, v) => setPart(m, 4, v) },
    second: { get: (m) => parts(m)[5], set: (m, v) => setPart(m, 5, v) },
    millisecond: { get: (m) => parts(m)[6], set: (m, v) => setPart(m, 6, v) },
    day: {
      get: (m) => parts(m)[7],
      set: (m, v) => {
        const day = named(v, text.DAYS);
        return Number.isNaN(day) ? m : m.add(day - m.day(), 'd');
      },
    },
    weekday: { get: (m) => m.day(), set: (m, v) => m.add(v - m.day(), 'd') },
    isoWeekday: {
      get: (m) => m.day() || 7,
      set: (m, v) => {
        const day = mod(named(v, text.DAYS), 7) || 7;
        return m.day(m.day() % 7 ? day : day - 7);
      },
    },
    dayOfYear: {
      get: (m) => Math.round((timeOf(parts(m).slice(0, 3), 0) - timeOf([parts(m)[0]], 0)) / DAY) + 1,
      set: (m, v) => m.add(v - m.dayOfYear(), 'd'),
    },
    week: { get: (m) => weekOf(m, 0, 6 - 5)[1], set: (m, v) => m.add((v - m.week()) * 7, 'd') },
    isoWeek: { get: (m) => weekOf(m, 1, 4)[1], set: (m, v) => m.add((v - m.isoWeek()) * 7, 'd') },
    weekYear: { get: (m) => weekOf(m, 0, 1)[0], set: (m, v) => m.add(v - m.weekYear(), 'y') },
    isoWeekYear: { get: (m) => weekOf(m, 1, 4)[0], set: (m, v) => m.add(v - m.isoWeekYear(), 'y') },
    quarter: { get: (m) => Math.ceil((m.month() + 1) / 3), set: (m, v) => m.month((v - 1) * 3 + (m.month() % 3)) },
  };
  // In this order `set({…})` applies what it is given.
  const PRIORITY = ['year', 'weekYear', 'isoWeekYear', 'dayOfYear', 'week', 'isoWeek', 'quarter', 'month', 'date',
    'day', 'weekday', 'isoWeekday', 'hour', 'minute', 'second', 'millisecond'];

  const proto = Moment.prototype;
  for (const [unit, { get, set }] of Object.entries(ACCESS)) {
    const access = function (value) {
      if (value === undefined || value === null) return this.isValid() ? get(this) : NaN;
      if (!this.isValid()) return this;
      const wanted = typeof value === 'string' && Number.isFinite(+value) ? +value : value;
      return Number.isNaN(wanted) ? this : set(this, wanted);
    };
    proto[unit] = access;
    proto[`${unit}s`] = access;
  }

  Object.assign(proto, {
    isValid() { return !Number.isNaN(this.t) && Math.abs(this.t) <= 8.64e15; },
    valueOf() { return this.t; },
    unix() { return Math.floor(this.t / SECOND); },
    toDate() { return new Date(this.t); },
    clone() { return make(this.t, this.offset); },
    utcOffset(input, keepLocal) {
      if (input === undefined || input === null) {
        if (!this.isValid()) return NaN;
        return this.offset === null ? -Math.round(new Date(this.t).getTimezoneOffset()) : this.offset;
      }
      if (!this.isValid()) return this;
      let offset = typeof input === 'string' ? text.offsetIn(input) : input;
      if (offset === null) return this;
      if (typeof input === 'number' && Math.abs(offset) < 16) offset *= 60;
      if (keepLocal === true) this.t += (this.utcOffset() - offset) * MINUTE;
      this.offset = offset;
      return this;
    },
    utc(keepLocal) { return this.utcOffset(0, keepLocal); },
    local(keepLocal) {
      if (this.offset !== null) {
        if (keepLocal) this.t = timeOf(parts(this), null);
        this.offset = null;
      }
      return this;
    },
    isUTC() { return this.isValid() && this.offset === 0; },
    isUtc() { return this.isUTC(); },
    isLocal() { return this.isValid() && this.offset === null; },
    isUtcOffset() { return this.isValid() && this.offset !== null; },
    isDST() {
      const at = (month) => this.clone().month(month).utcOffset();
      return this.utcOffset() > at(0) || this.utcOffset() > at(5);
    },
    isLeapYear() { return leap(this.year()); },
    daysInMonth() { return daysInMonth(this.year(), this.month()); },
    get(unit) { const known = unitOf(unit); return known && proto[known] ? this[known]() : this; },
    set(unit, value) {
      if (typeof unit !== 'object') {
        const known = unitOf(unit);
        return known && proto[known] ? this[known](value) : this;
      }
      const given = {};
      for (const key of Object.keys(unit)) given[unitOf(key) || key] = unit[key];
      for (const key of PRIORITY) if (key in given) this[key](given[key]);
      return this;
    },
    add(amount, unit) { return change(this, amount, unit, 1); },
    subtract(amount, unit) { return change(this, amount, unit, -1); },
    startOf(unit) {
      const known = unitOf(unit);
      if (!this.isValid() || known === undefined || known === 'millisecond') return this;
      this.t = boundary(this, known, 0);
      return this;
    },
    endOf(unit) {
      const known = unitOf(unit);
      if (!this.isValid() || known === undefined || known === 'millisecond') return this;
      this.t = boundary(this, known, 1) - 1;
      return this;
    },
    diff(input, unit, precise) {
      const that = make(like(input).t, this.offset);
      if (!this.isValid() || !that.isValid()) return NaN;
      const shift = (that.utcOffset() - this.utcOffset()) * MINUTE;
      const apart = this.t - that.t;
      const known = unitOf(unit);
      let found = apart;
      if (known === 'year') found = months(this, that) / 12;
      else if (known === 'quarter') found = months(this, that) / 3;
      else if (known === 'month') found = months(this, that);
      else if (known === 'week') found = (apart - shift) / (7 * DAY);
      else if (known === 'day') found = (apart - shift) / DAY;
      else if (known === 'hour') found = apart / HOUR;
      else if (known === 'minute') found = apart / MINUTE;
      else if (known === 'second') found = apart / SECOND;
      return precise ? found : truncate(found);
    },
    isBefore(input, unit) {
      const that = compared(this, input);
      if (that === null) return false;
      return precision(unit) ? this.clone().endOf(unit).t < that.t : this.t < that.t;
    },
    isAfter(input, unit) {
      const that = compared(this, input);
      if (that === null) return false;
      return precision(unit) ? that.t < this.clone().startOf(unit).t : this.t > that.t;
    },
    isSame(input, unit) {
      const that = compared(this, input);
      if (that === null) return false;
      if (!precision(unit)) return this.t === that.t;
      return this.clone().startOf(unit).t <= that.t && that.t <= this.clone().endOf(unit).t;
    },
    isSameOrBefore(input, unit) { return this.isSame(input, unit) || this.isBefore(input, unit); },
    isSameOrAfter(input, unit) { return this.isSame(input, unit) || this.isAfter(input, unit); },
    isBetween(from, to, unit, bounds) {
      const [open, close] = bounds || '()';
      if (compared(this, from) === null || compared(this, to) === null) return false;
      return (open === '(' ? this.isAfter(from, unit) : !this.isBefore(from, unit))
        && (close === ')' ? this.isBefore(to, unit) : !this.isAfter(to, unit));
    },
    toArray() { return parts(this).slice(0, 7); },
    toObject() {
      const [years, monthsOf, date, hours, minutes, seconds, milliseconds] = parts(this);
      return { years, months: monthsOf, date, hours, minutes, seconds, milliseconds };
    },
    locale(name) { return name === undefined ? 'en' : this; },
  });

  const precision = (unit) => { const known = unitOf(unit || 'millisecond'); return known !== undefined && known !== 'millisecond'; };
  function compared(m, input) {
    const that = like(input);
    return m.isValid() && that.isValid() ? that : null;
  }

  function change(m, amount, unit, sign) {
    let [value, of] = [amount, unit];
    // The old order of arguments, as in add('days', 1).
    if (of !== undefined && of !== null && !Number.isNaN(+of)) [value, of] = [of, value];
    const duration = durations.create(value, of);
    if (!m.isValid()) return m;
    const by = { months: roundAway(duration.inMonths) * sign, days: roundAway(duration.inDays) * sign };
    if (by.months) setPart(m, 1, parts(m)[1] + by.months);
    if (by.days) setPart(m, 2, parts(m)[2] + by.days);
    m.t = Math.trunc(m.t + duration.inMs * sign);
    return m;
  }

  // Where the unit around the moment begins, or the next one.
  function boundary(m, unit, next) {
    const [y, mo, d, , , , , day] = parts(m);
    const on = (...p) => timeOf(p, m.offset);
    switch (unit) {
      case 'year': return on(y + next, 0, 1);
      case 'quarter': return on(y, mo - (mo % 3) + 3 * next, 1);
      case 'month': return on(y, mo + next, 1);
      case 'week': return on(y, mo, d - day + 7 * next);
      case 'isoWeek': return on(y, mo, d - mod(day - 1, 7) + 7 * next);
      case 'day': case 'date': return on(y, mo, d + next);
      case 'hour': return m.t - mod(m.t + (m.offset === null ? m.utcOffset() * MINUTE : m.offset * MINUTE), HOUR) + HOUR * next;
      case 'minute': return m.t - mod(m.t, MINUTE) + MINUTE * next;
      case 'second': return m.t - mod(m.t, SECOND) + SECOND * next;
      default: return m.t + next;
    }
  }

  // Months from b to a with a fraction, as moment counts them.
  function months(a, b) {
    if (a.date() < b.date()) return -months(b, a);
    const whole = (b.year() - a.year()) * 12 + (b.month() - a.month());
    const anchor = a.clone().add(whole, 'months');
    const step = b.t - anchor.t < 0 ? -1 : 1;
    const other = a.clone().add(whole + step, 'months');
    const rest = step < 0 ? (b.t - anchor.t) / (anchor.t - other.t) : (b.t - anchor.t) / (other.t - anchor.t);
    return -(whole + rest) || 0;
  }

  tools.global.moment = moment;
})
