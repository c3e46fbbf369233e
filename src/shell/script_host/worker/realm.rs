//! One rule with an engine of its own: what it does to its globals or its memory is no other rule's business.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use rquickjs::context::EvalOptions;
use rquickjs::{Coerced, Context, Ctx, FromJs, Function, Object, Persistent, Runtime, Value};

use super::account::Item;
use super::clock::{Watch, cpu_time};
use super::fault::{Fault, internal};
use super::mapping::Mapping;
use super::stage::Stage;
use super::view::{Kind, object_prototype};
use crate::shell::script_host::message::{Explained, Judged, Limits, Source, SyntaxMistake};
use crate::shell::script_host::redact;

/// What is evaluated before a rule: clock, console, helpers, and the evaluation of the rule itself.
const PRELUDE: &str = include_str!("../js/prelude.js");

/// `moment`, only where a rule names it.
const MOMENT: &[&str] = &[
    include_str!("../js/moment.js"),
    include_str!("../js/moment_text.js"),
    include_str!("../js/moment_duration.js"),
];

/// Lines that a rule may write in one cycle, and letters per line.
const MOST_LINES: usize = 50;
const LONGEST_LINE: usize = 2_000;

/// While a rule runs the daemon hears of it this often.
const REPORT_EVERY: Duration = Duration::from_millis(300);

/// Longest returned value that is shown.
const LONGEST_RETURN: usize = 4_000_000;

/// What the engine and the worker share about one rule.
struct Shared {
    watch: Watch,
    now_ms: Cell<f64>,
    log: RefCell<Vec<(String, String)>>,
    lines_dropped: Cell<usize>,
}

/// A rule's engine. Fields are dropped in order: what lives in the engine goes first.
pub(super) struct Realm {
    evaluate: Persistent<Function<'static>>,
    show: Persistent<Function<'static>>,
    /// Keeps the atoms of field names alive.
    names: Persistent<Object<'static>>,
    names_known: usize,
    stage: Rc<Stage>,
    shared: Rc<Shared>,
    context: Context,
    runtime: Runtime,
}

impl Realm {
    /// Starts an engine and loads what rules rely on.
    pub(super) fn new(source: &Source, limits: &Limits) -> Result<Realm, Fault> {
        let runtime = Runtime::new().map_err(internal)?;
        runtime.set_memory_limit(limits.memory_bytes);
        runtime.set_max_stack_size(limits.stack_bytes);
        let shared = Rc::new(Shared {
            watch: Watch::new(),
            now_ms: Cell::new(0.0),
            log: RefCell::default(),
            lines_dropped: Cell::new(0),
        });
        let watcher = Rc::clone(&shared);
        runtime.set_interrupt_handler(Some(Box::new(move || watcher.watch.must_end())));
        let context = Context::full(&runtime).map_err(internal)?;
        shared.watch.start(Duration::from_secs(5));
        let stage = Stage::new(Rc::new(Mapping::new(
            &mut Default::default(),
            super::Shape::Vertex,
            false,
        )));
        let made = context.with(|ctx| -> rquickjs::Result<_> {
            let host = host_object(&ctx, &shared)?;
            let prelude: Function = eval(&ctx, PRELUDE, "prelude")?;
            let tools: Object = prelude.call((host,))?;
            if source.text.contains("moment") {
                for part in MOMENT {
                    let part: Function = eval(&ctx, part, "moment")?;
                    part.call::<_, ()>((tools.clone(),))?;
                }
            }
            let save = |name: &str| -> rquickjs::Result<Persistent<Function<'static>>> {
                Ok(Persistent::save(&ctx, tools.get::<_, Function>(name)?))
            };
            let names = Object::new(ctx.clone())?;
            Ok((
                save("evaluate")?,
                save("show")?,
                Persistent::save(&ctx, names),
            ))
        });
        let (evaluate, show, names) = made.map_err(internal)?;
        Ok(Realm {
            evaluate,
            show,
            names,
            names_known: 0,
            stage,
            shared,
            context,
            runtime,
        })
    }

    /// Evaluates the rule once to see whether it can be used.
    pub(super) fn check(
        &self,
        rule: usize,
        source: &Source,
        limits: &Limits,
    ) -> Option<SyntaxMistake> {
        self.start_call(limits);
        let checked = self
            .context
            .with(|ctx| self.function(&ctx, source).map(|_| ()));
        let Fault { message, line } = checked.err()?;
        Some(SyntaxMistake {
            rule,
            message,
            line,
        })
    }

    /// A call begins, with the time that one may take; the processor time that it begins at is returned.
    fn start_call(&self, limits: &Limits) -> Duration {
        let most = Duration::from_millis(limits.call_ms);
        self.shared.watch.start(most)
    }

    /// The function that the rule's text gives.
    fn function<'js>(&self, ctx: &Ctx<'js>, source: &Source) -> Result<Function<'js>, Fault> {
        let evaluate = self.evaluate.clone().restore(ctx).map_err(internal)?;
        let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
        let value: Value = evaluate
            .call((text,))
            .map_err(|error| self.fault(ctx, &error))?;
        value.into_function().ok_or_else(|| Fault {
            message: "the text gives no function; its last statement must be an expression such as (maindata, torrent) => …, \
                      without `const name =` before it"
                .to_owned(),
            line: None,
        })
    }

    /// Asks the rule about items of an account.
    pub(super) fn judge(
        &mut self,
        source: &Source,
        limits: &Limits,
        task: &Task<'_>,
        report: &mut dyn FnMut(),
    ) -> Judged {
        let mut judged = Judged::default();
        self.begin(task);
        let mut reported = Instant::now();
        let cpu_start = cpu_time();
        let outcome = self.context.with(|ctx| -> Result<(), Fault> {
            self.start_call(limits);
            let function = self.function(&ctx, source)?;
            let proto = object_prototype(&ctx).map_err(internal)?;
            for (count, &place) in task.places.iter().enumerate() {
                let begun = self.start_call(limits);
                if begun.saturating_sub(cpu_start) > Duration::from_millis(limits.rule_ms) {
                    return Err(self.over_budget(limits, count, task.places.len()));
                }
                if reported.elapsed() > REPORT_EVERY {
                    report();
                    reported = Instant::now();
                }
                let id = &task.items[place].id;
                self.stage.lacked.take();
                let answer = self.call(&ctx, &function, &proto, task, place);
                self.stage.note_lacked(&mut judged, id);
                match answer {
                    Ok(true) => judged.matched.push(id.to_string()),
                    Ok(false) => {}
                    Err(fault) => {
                        judged.failed.push(id.to_string());
                        if judged.message.is_none() {
                            judged.message = Some(fault.message);
                            judged.line = fault.line;
                            judged.item = Some(id.to_string());
                        }
                    }
                }
            }
            Ok(())
        });
        if let Err(fault) = outcome {
            judged.matched.clear();
            judged.failed.clear();
            judged.unsent.clear();
            judged.no_tracker.clear();
            judged.all_failed = true;
            judged.message = Some(fault.message);
            judged.line = fault.line;
            judged.item = None;
        }
        judged.log = self.end();
        judged
    }

    /// Asks the rule about one item and tells what it returned.
    pub(super) fn explain(
        &mut self,
        source: &Source,
        limits: &Limits,
        task: &Task<'_>,
        _report: &mut dyn FnMut(),
    ) -> Explained {
        let mut explained = Explained::default();
        self.begin(task);
        let outcome = self.context.with(|ctx| -> Result<(), Fault> {
            self.start_call(limits);
            let function = self.function(&ctx, source)?;
            let proto = object_prototype(&ctx).map_err(internal)?;
            let show = self.show.clone().restore(&ctx).map_err(internal)?;
            for &place in task.places {
                let id = task.items[place].id.to_string();
                self.start_call(limits);
                let returned = self.returned(&ctx, &function, &proto, task, place);
                if let Ok(value) = &returned {
                    let shown: rquickjs::Result<String> =
                        show.call((value.clone(), LONGEST_RETURN));
                    explained.returned =
                        redact::addresses(&shown.map_err(|error| self.fault(&ctx, &error))?);
                }
                match returned.and_then(|value| self.truth(&ctx, value)) {
                    Ok(true) => explained.judged.matched.push(id),
                    Ok(false) => {}
                    Err(fault) => {
                        explained.judged.failed.push(id);
                        explained.judged.message = Some(fault.message);
                        explained.judged.line = fault.line;
                    }
                }
            }
            Ok(())
        });
        if let Err(fault) = outcome {
            explained.judged.all_failed = true;
            explained.judged.message = Some(fault.message);
            explained.judged.line = fault.line;
        }
        explained.judged.log = self.end();
        explained
    }

    fn begin(&mut self, task: &Task<'_>) {
        self.shared.now_ms.set(task.now_ms as f64);
        self.stage
            .set(Rc::clone(task.mapping), Rc::clone(task.items));
        let texts = task.mapping.texts();
        let learned = self.context.with(|ctx| -> rquickjs::Result<()> {
            let names = self.names.clone().restore(&ctx)?;
            for (id, text) in texts.iter().enumerate().skip(self.names_known) {
                names.set(&**text, true)?;
                self.stage.learn(&ctx, text, id as u16)?;
            }
            Ok(())
        });
        if learned.is_ok() {
            self.names_known = texts.len();
        }
    }

    fn end(&self) -> Vec<(String, String)> {
        self.stage.clear();
        let mut log = std::mem::take(&mut *self.shared.log.borrow_mut());
        let dropped = self.shared.lines_dropped.replace(0);
        if dropped > 0 {
            log.push((
                "info".to_owned(),
                format!("{dropped} more lines were left out"),
            ));
        }
        log
    }

    /// Whether the engine is in doubt and better replaced: it has work left over, or was cut short.
    pub(super) fn is_spent(&self) -> bool {
        self.runtime.is_job_pending() || self.shared.watch.has_expired()
    }

    fn call<'js>(
        &self,
        ctx: &Ctx<'js>,
        function: &Function<'js>,
        proto: &Object<'js>,
        task: &Task<'_>,
        place: usize,
    ) -> Result<bool, Fault> {
        let value = self.returned(ctx, function, proto, task, place)?;
        self.truth(ctx, value)
    }

    fn returned<'js>(
        &self,
        ctx: &Ctx<'js>,
        function: &Function<'js>,
        proto: &Object<'js>,
        task: &Task<'_>,
        place: usize,
    ) -> Result<Value<'js>, Fault> {
        let called = || -> rquickjs::Result<Value<'js>> {
            let torrent = self.stage.torrent(ctx, proto, place)?;
            let maindata = self
                .stage
                .object(proto, Kind::Maindata, Rc::clone(task.maindata))?;
            function.call((maindata, torrent))
        };
        called().map_err(|error| self.fault(ctx, &error))
    }

    /// The truth value, where a Promise is none: it would always be true.
    fn truth<'js>(&self, ctx: &Ctx<'js>, value: Value<'js>) -> Result<bool, Fault> {
        if value.is_promise() {
            return Err(Fault {
                message:
                    "the rule returned a Promise; make it synchronous (no `async`, no `await`)"
                        .to_owned(),
                line: None,
            });
        }
        let truth = Coerced::<bool>::from_js(ctx, value).map_err(internal)?;
        Ok(truth.0)
    }

    fn fault(&self, ctx: &Ctx<'_>, error: &rquickjs::Error) -> Fault {
        Fault::of(ctx, error, self.shared.watch.has_expired())
    }

    fn over_budget(&self, limits: &Limits, judged: usize, all: usize) -> Fault {
        let seconds = limits.rule_ms as f64 / 1000.0;
        let advice = if self.stage.walks.get() > 0 {
            "; it reads maindata.torrents: compute what it needs from there once per cycle, in a variable outside of \
             the function, as in `let found; (maindata, torrent) => { found ??= compute(maindata); … }`"
        } else {
            ""
        };
        Fault {
            message: format!("stopped after {seconds} s, at item {judged} of {all}{advice}"),
            line: None,
        }
    }
}

/// What a rule is asked about.
pub(super) struct Task<'a> {
    pub(super) now_ms: i64,
    pub(super) mapping: &'a Rc<Mapping>,
    pub(super) maindata: &'a Rc<Item>,
    pub(super) items: &'a Rc<[Rc<Item>]>,
    /// The places of the items in question.
    pub(super) places: &'a [usize],
}

fn eval<'js, V: FromJs<'js>>(ctx: &Ctx<'js>, text: &str, name: &str) -> rquickjs::Result<V> {
    let mut options = EvalOptions::default();
    options.filename = Some(name.to_owned());
    ctx.eval_with_options(text, options)
}

/// What the prelude gets from here: the clock, and where lines go.
fn host_object<'js>(ctx: &Ctx<'js>, shared: &Rc<Shared>) -> rquickjs::Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    let clock = Rc::clone(shared);
    host.set(
        "now",
        Function::new(ctx.clone(), move || clock.now_ms.get())?,
    )?;
    let lines = Rc::clone(shared);
    let log = move |level: String, text: String| {
        let mut log = lines.log.borrow_mut();
        if log.len() < MOST_LINES {
            let text: String = text.chars().take(LONGEST_LINE).collect();
            log.push((level, redact::addresses(&text)));
        } else {
            lines.lines_dropped.set(lines.lines_dropped.get() + 1);
        }
    };
    host.set("log", Function::new(ctx.clone(), log)?)?;
    Ok(host)
}
