//! What the objects of one rule share: the items that are judged, the names of fields, and `maindata.torrents`.

use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use rquickjs::{Array, Atom, Ctx, Object, Persistent, Result, Value};

use super::account::Item;
use super::mapping::Mapping;
use super::packed::NameId;
use super::view::{Kind, View};
use crate::shell::script_host::message::Judged;

/// What the objects of one rule share.
pub(super) struct Stage {
    /// Field number by atom number, plus one; 0 for atoms that are no field.
    atoms: RefCell<Vec<NameId>>,
    pub(super) mapping: RefCell<Rc<Mapping>>,
    /// The items of the account that is judged.
    items: RefCell<Rc<[Rc<Item>]>>,
    /// `maindata.torrents`, and its elements by place, once a rule has asked for them in this cycle.
    torrents: RefCell<Option<Torrents>>,
    /// The place and object of the torrent that is judged.
    current: RefCell<Option<(usize, Persistent<Object<'static>>)>>,
    /// How often `maindata.torrents` was read.
    pub(super) walks: Cell<u64>,
    /// What the call under way has read that was not there.
    pub(super) lacked: Cell<Lacked>,
}

/// What a call has read that was not there.
#[derive(Clone, Copy, Default)]
pub(super) struct Lacked {
    /// The first field that the server did not send.
    pub(super) field: Option<NameId>,
    /// A tracker, where the list names none.
    pub(super) tracker: bool,
}

struct Torrents {
    /// As the rule sees it, in whatever order it has sorted it.
    seen: Persistent<Array<'static>>,
    /// In the order of the listing.
    by_place: Persistent<Array<'static>>,
}

/// Tells the number of an atom, which the engine's binding shows only to hashers.
#[derive(Default)]
struct AtomNumber(usize);

impl Hasher for AtomNumber {
    fn finish(&self) -> u64 {
        self.0 as u64
    }
    fn write(&mut self, _bytes: &[u8]) {}
    fn write_u32(&mut self, number: u32) {
        self.0 = number as usize;
    }
}

fn number_of(atom: &Atom<'_>) -> usize {
    let mut number = AtomNumber::default();
    atom.hash(&mut number);
    number.0
}

/// Atoms with higher numbers are not worth a table: they are list indices.
const HIGHEST_ATOM: usize = 1 << 20;

impl Stage {
    pub(super) fn new(mapping: Rc<Mapping>) -> Rc<Stage> {
        Rc::new(Stage {
            atoms: RefCell::default(),
            mapping: RefCell::new(mapping),
            items: RefCell::new(Rc::from([])),
            torrents: RefCell::new(None),
            current: RefCell::new(None),
            walks: Cell::new(0),
            lacked: Cell::default(),
        })
    }

    /// Makes a field name known; the caller keeps its atom alive.
    pub(super) fn learn(&self, ctx: &Ctx<'_>, name: &str, id: NameId) -> Result<()> {
        let number = number_of(&Atom::from_str(ctx.clone(), name)?);
        let mut atoms = self.atoms.borrow_mut();
        if number < HIGHEST_ATOM {
            if atoms.len() <= number {
                atoms.resize(number + 1, 0);
            }
            atoms[number] = id + 1;
        }
        Ok(())
    }

    /// Sets what is judged next.
    pub(super) fn set(&self, mapping: Rc<Mapping>, items: Rc<[Rc<Item>]>) {
        self.clear();
        *self.mapping.borrow_mut() = mapping;
        *self.items.borrow_mut() = items;
    }

    /// A field was read that the server did not send.
    pub(super) fn lacks_field(&self, name: NameId) {
        let lacked = self.lacked.get();
        let field = lacked.field.or(Some(name));
        self.lacked.set(Lacked { field, ..lacked });
    }

    /// A tracker was read, where the list names none.
    pub(super) fn lacks_tracker(&self) {
        let lacked = self.lacked.get();
        self.lacked.set(Lacked {
            tracker: true,
            ..lacked
        });
    }

    /// Notes what the last call about this item has read that was not there.
    pub(super) fn note_lacked(&self, judged: &mut Judged, id: &str) {
        let Lacked { field, tracker } = self.lacked.take();
        if let Some(field) = field {
            judged.unsent.push(id.to_owned());
            let text = || self.mapping.borrow().text(field).to_string();
            judged.unsent_field.get_or_insert_with(text);
        }
        if tracker {
            judged.no_tracker.push(id.to_owned());
        }
    }

    /// Lets go of all objects.
    pub(super) fn clear(&self) {
        *self.torrents.borrow_mut() = None;
        *self.current.borrow_mut() = None;
        *self.items.borrow_mut() = Rc::from([]);
        self.walks.set(0);
    }

    /// The object of the item at a place: the one in `maindata.torrents` if that exists, else a new one.
    pub(super) fn torrent<'js>(
        self: &Rc<Self>,
        ctx: &Ctx<'js>,
        proto: &Object<'js>,
        place: usize,
    ) -> Result<Object<'js>> {
        let by_place = self
            .torrents
            .borrow()
            .as_ref()
            .map(|torrents| torrents.by_place.clone());
        if let Some(by_place) = by_place {
            return by_place.restore(ctx)?.get(place);
        }
        let item = Rc::clone(&self.items.borrow()[place]);
        let object = self.object(proto, Kind::Torrent, item)?;
        *self.current.borrow_mut() = Some((place, Persistent::save(ctx, object.clone())));
        Ok(object)
    }

    /// A new object over an item.
    pub(super) fn object<'js>(
        self: &Rc<Self>,
        proto: &Object<'js>,
        kind: Kind,
        item: Rc<Item>,
    ) -> Result<Object<'js>> {
        View::object(proto, kind, item, Rc::clone(self))
    }

    pub(super) fn field_of(&self, atom: &Atom<'_>) -> Option<NameId> {
        let atoms = self.atoms.borrow();
        atoms.get(number_of(atom)).and_then(|id| id.checked_sub(1))
    }

    /// `maindata.torrents`, made at the first request of a cycle.
    pub(super) fn torrents<'js>(
        self: &Rc<Self>,
        ctx: &Ctx<'js>,
        proto: &Object<'js>,
    ) -> Result<Value<'js>> {
        self.walks.set(self.walks.get() + 1);
        let known = self
            .torrents
            .borrow()
            .as_ref()
            .map(|torrents| torrents.seen.clone());
        if let Some(seen) = known {
            return Ok(seen.restore(ctx)?.into_value());
        }
        let items = Rc::clone(&self.items.borrow());
        let (seen, by_place) = (Array::new(ctx.clone())?, Array::new(ctx.clone())?);
        let current = self.current.borrow().clone();
        for (place, item) in items.iter().enumerate() {
            let object = match &current {
                Some((current, object)) if *current == place => object.clone().restore(ctx)?,
                Some(_) | None => self.object(proto, Kind::Torrent, Rc::clone(item))?,
            };
            seen.set(place, object.clone())?;
            by_place.set(place, object)?;
        }
        *self.torrents.borrow_mut() = Some(Torrents {
            seen: Persistent::save(ctx, seen.clone()),
            by_place: Persistent::save(ctx, by_place),
        });
        Ok(seen.into_value())
    }
}
