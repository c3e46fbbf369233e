// moment.duration(), and the texts made of durations: fromNow() and the like.
(function (tools) {
  'use strict';

  const { Moment, moment, make, isMoment, like, unitOf, toInt, truncate, durations, SECOND, MINUTE, HOUR, DAY } = tools.moment;
  // A Gregorian cycle of 400 years has 4800 months and 146097 days.
  const monthsOf = (days) => (days * 4800) / 146097;
  const daysOf = (months) => (months * 146097) / 4800;
  const ceilAway = (n) => (n < 0 ? Math.floor(n) : Math.ceil(n));

  // Months, days and milliseconds are kept apart, because none is a fixed number of another.
  function Duration(inMonths, inDays, inMs) {
    this.inMonths = inMonths;
    this.inDays = inDays;
    this.inMs = inMs;
  }
  const isDuration = (value) => value instanceof Duration;

  function ofParts(given) {
    const part = {};
    for (const key of Object.keys(given)) {
      const unit = unitOf(key);
      if (unit !== undefined) part[unit] = +given[key] || 0;
    }
    const get = (unit) => part[unit] || 0;
    return new Duration(
      get('month') + get('quarter') * 3 + get('year') * 12,
      get('day') + (get('week') || get('isoWeek')) * 7,
      get('millisecond') + get('second') * SECOND + get('minute') * MINUTE + get('hour') * HOUR,
    );
  }

  const CLOCK = /^(-|\+)?(?:(\d*)[. ])?(\d+):(\d+)(?::(\d+)(\.\d*)?)?$/;
  const ISO = /^(-|\+)?P(?:([-+]?[0-9,.]*)Y)?(?:([-+]?[0-9,.]*)M)?(?:([-+]?[0-9,.]*)W)?(?:([-+]?[0-9,.]*)D)?(?:T(?:([-+]?[0-9,.]*)H)?(?:([-+]?[0-9,.]*)M)?(?:([-+]?[0-9,.]*)S)?)?$/;

  function ofText(given) {
    const clock = CLOCK.exec(given);
    if (clock !== null) {
      const sign = clock[1] === '-' ? -1 : 1;
      const [day, hour, minute, second] = clock.slice(2, 6).map((part) => toInt(part) * sign);
      const ms = Math.round(`0${clock[6] || '.0'}` * 1000) * sign;
      return ofParts({ day, hour, minute, second, ms });
    }
    const iso = ISO.exec(given);
    if (iso === null) return new Duration(0, 0, 0);
    const sign = iso[1] === '-' ? -1 : 1;
    const value = (part) => (part ? parseFloat(part.replace(',', '.')) || 0 : 0) * sign;
    const [year, month, week, day, hour, minute, second] = iso.slice(2).map(value);
    return ofParts({ year, month, week, day, hour, minute, second });
  }

  // Months and the rest, as a calendar at the place of `from` shows them.
  function between(from, given) {
    if (!from.isValid() || !given.isValid()) return new Duration(0, 0, 0);
    const to = make(given.t, from.offset);
    const forward = from.t < to.t;
    const [base, other] = forward ? [from, to] : [to, from];
    let months = other.month() - base.month() + (other.year() - base.year()) * 12;
    if (base.clone().add(months, 'months').t > other.t) months -= 1;
    const ms = other.t - base.clone().add(months, 'months').t;
    return forward ? new Duration(months, 0, ms) : new Duration(-months, 0, -ms);
  }

  durations.create = (given, unit) => {
    if (isDuration(given)) return new Duration(given.inMonths, given.inDays, given.inMs);
    if (typeof given === 'number' || (given !== '' && !Number.isNaN(+given) && typeof given === 'string')) {
      return unit ? ofParts({ [unit]: +given }) : ofParts({ ms: +given });
    }
    if (typeof given === 'string') return ofText(given);
    if (typeof given === 'object' && given !== null) {
      if ('from' in given || 'to' in given) return between(like(given.from), like(given.to));
      return ofParts(given);
    }
    return new Duration(0, 0, 0);
  };
  moment.duration = durations.create;
  moment.isDuration = isDuration;

  // The parts as people count them: 90 seconds are one minute and 30 seconds.
  function bubbled(d) {
    let { inMonths: months, inDays: days, inMs: ms } = d;
    const isMixed = !((ms >= 0 && days >= 0 && months >= 0) || (ms <= 0 && days <= 0 && months <= 0));
    if (isMixed) {
      ms += ceilAway(daysOf(months) + days) * DAY;
      days = 0;
      months = 0;
    }
    const seconds = truncate(ms / SECOND), minutes = truncate(seconds / 60), hours = truncate(minutes / 60);
    days += truncate(hours / 24);
    const whole = truncate(monthsOf(days));
    months += whole;
    days -= ceilAway(daysOf(whole));
    const years = truncate(months / 12);
    return { years, months: months % 12, days, hours: hours % 24, minutes: minutes % 60, seconds: seconds % 60, milliseconds: ms % 1000 };
  }

  const proto = Duration.prototype;
  for (const name of ['years', 'months', 'days', 'hours', 'minutes', 'seconds', 'milliseconds']) {
    proto[name] = function () { return bubbled(this)[name]; };
  }
  for (const unit of ['Year', 'Quarter', 'Month', 'Week', 'Day', 'Hour', 'Minute', 'Second', 'Millisecond']) {
    proto[`as${unit}s`] = function () { return this.as(unit); };
  }
  const combined = (a, b, sign) => {
    a.inMonths += b.inMonths * sign;
    a.inDays += b.inDays * sign;
    a.inMs += b.inMs * sign;
    return a;
  };
  Object.assign(proto, {
    isValid() { return !Number.isNaN(this.inMs + this.inDays + this.inMonths); },
    weeks() { return truncate(this.days() / 7); },
    as(given) {
      const unit = unitOf(given);
      if (unit === 'month' || unit === 'quarter' || unit === 'year') {
        const months = this.inMonths + monthsOf(this.inDays + this.inMs / DAY);
        return unit === 'month' ? months : unit === 'quarter' ? months / 3 : months / 12;
      }
      const days = this.inDays + Math.round(daysOf(this.inMonths));
      switch (unit) {
        case 'week': return days / 7 + this.inMs / (7 * DAY);
        case 'day': return days + this.inMs / DAY;
        case 'hour': return days * 24 + this.inMs / HOUR;
        case 'minute': return days * 1440 + this.inMs / MINUTE;
        case 'second': return days * 86400 + this.inMs / SECOND;
        case 'millisecond': return Math.floor(days * DAY) + this.inMs;
        default: throw new Error(`Unknown unit ${given}`);
      }
    },
    valueOf() {
      return this.inMs + this.inDays * DAY + (this.inMonths % 12) * 30 * DAY + toInt(this.inMonths / 12) * 365 * DAY;
    },
    get(unit) { return this[`${unitOf(unit)}s`](); },
    abs() { return new Duration(Math.abs(this.inMonths), Math.abs(this.inDays), Math.abs(this.inMs)); },
    clone() { return durations.create(this); },
    add(given, unit) { return combined(this, durations.create(given, unit), 1); },
    subtract(given, unit) { return combined(this, durations.create(given, unit), -1); },
    locale(name) { return name === undefined ? 'en' : this; },
    humanize(withSuffix) {
      const inWords = words(this);
      if (withSuffix !== true) return inWords;
      return this.valueOf() > 0 ? `in ${inWords}` : `${inWords} ago`;
    },
    toISOString() {
      const total = this.as('second');
      if (!total) return 'P0D';
      const signed = (part, text) => (text === '' ? '' : (Math.sign(part) === Math.sign(total) ? '' : '-') + text);
      const text = (part, value, letter) => (value ? signed(part, `${value}${letter}`) : '');
      const months = Math.abs(this.inMonths), seconds = Math.abs(this.inMs) / SECOND, minutes = truncate(seconds / 60);
      const date = text(this.inMonths, truncate(months / 12), 'Y') + text(this.inMonths, months % 12, 'M')
        + text(this.inDays, Math.abs(this.inDays), 'D');
      const rest = seconds % 60 ? (seconds % 60).toFixed(3).replace(/\.?0+$/, '') : '';
      const time = text(this.inMs, truncate(minutes / 60), 'H') + text(this.inMs, minutes % 60, 'M') + text(this.inMs, rest, 'S');
      return `${total < 0 ? '-' : ''}P${date}${time === '' ? '' : `T${time}`}`;
    },
    toJSON() { return this.toISOString(); },
    toString() { return this.toISOString(); },
  });

  function words(given) {
    const d = given.abs();
    const [seconds, minutes, hours, days, months, years] = ['s', 'm', 'h', 'd', 'M', 'y'].map((unit) => Math.round(d.as(unit)));
    if (seconds <= 44) return 'a few seconds';
    if (minutes <= 1) return 'a minute';
    if (minutes < 45) return `${minutes} minutes`;
    if (hours <= 1) return 'an hour';
    if (hours < 22) return `${hours} hours`;
    if (days <= 1) return 'a day';
    if (days < 26) return `${days} days`;
    if (months <= 1) return 'a month';
    if (months < 11) return `${months} months`;
    return years <= 1 ? 'a year' : `${years} years`;
  }

  Object.assign(Moment.prototype, {
    from(given, withoutSuffix) {
      const that = isMoment(given) ? given : moment(given);
      if (!this.isValid() || !that.isValid()) return 'Invalid date';
      return between(that, this).humanize(!withoutSuffix);
    },
    fromNow(withoutSuffix) { return this.from(moment(), withoutSuffix); },
    to(given, withoutSuffix) {
      const that = isMoment(given) ? given : moment(given);
      if (!this.isValid() || !that.isValid()) return 'Invalid date';
      return between(this, that).humanize(!withoutSuffix);
    },
    toNow(withoutSuffix) { return this.to(moment(), withoutSuffix); },
  });
})
