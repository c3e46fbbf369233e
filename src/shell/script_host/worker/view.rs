//! The objects that rules see: `torrent`, `torrent.originProp` and `maindata`. They decode a value when it is read.
//!
//! A property that a rule writes becomes an ordinary property of that one object, which the engine finds before it
//! asks here; so objects behave as plain ones, and nothing that a rule does to them reaches another rule.

use std::cell::RefCell;
use std::rc::Rc;

use rquickjs::class::{
    ClassKind, JsCell, JsClass, PropertyDescriptor, PropertyName, Readable, Trace,
};
use rquickjs::object::Property;
use rquickjs::{Atom, Class, Ctx, Exception, IntoJs, JsLifetime, Object, Result, Value};

use super::account::Item;
use super::mapping::Source;
use super::packed::{Field, NameId};
use super::stage::Stage;

/// Which object it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `torrent`.
    Torrent,
    /// `torrent.originProp`.
    Origin,
    /// `maindata`.
    Maindata,
}

/// An object over an item.
#[derive(Trace, JsLifetime)]
pub(super) struct View {
    #[qjs(skip_trace)]
    kind: Kind,
    #[qjs(skip_trace)]
    item: Rc<Item>,
    #[qjs(skip_trace)]
    stage: Rc<Stage>,
    /// Names that the rule has written over or deleted here.
    #[qjs(skip_trace)]
    hidden: RefCell<Vec<NameId>>,
}

/// What a read has found.
enum Found<'js> {
    Nothing,
    Value(Value<'js>),
    /// An object of its own, to be kept so that the next read finds the same.
    Kept(Value<'js>),
}

impl View {
    /// A new object over an item.
    pub(super) fn object<'js>(
        proto: &Object<'js>,
        kind: Kind,
        item: Rc<Item>,
        stage: Rc<Stage>,
    ) -> Result<Object<'js>> {
        let view = View {
            kind,
            item,
            stage,
            hidden: RefCell::default(),
        };
        Ok(Class::instance_proto(view, proto.clone())?.into_inner())
    }

    fn is_hidden(&self, name: NameId) -> bool {
        self.hidden.borrow().contains(&name)
    }

    fn hide(&self, name: NameId) {
        if !self.is_hidden(name) {
            self.hidden.borrow_mut().push(name);
        }
    }

    /// Whether the object has this property of its own, as far as the engine does not know.
    fn has(&self, name: NameId) -> bool {
        if self.is_hidden(name) {
            return false;
        }
        match self.kind {
            Kind::Origin => self.item.raw.layout.position(name).is_some(),
            Kind::Torrent | Kind::Maindata => self.source(name).is_some(),
        }
    }

    /// Where a property of `torrent` or `maindata` comes from.
    fn source(&self, name: NameId) -> Option<Source> {
        let mapping = self.stage.mapping.borrow();
        match self.kind {
            Kind::Torrent => mapping.torrent(&self.item, name),
            Kind::Maindata => mapping.maindata(&self.item, name),
            Kind::Origin => Some(Source::Field(name)),
        }
    }

    fn read<'js>(
        &self,
        ctx: &Ctx<'js>,
        proto: impl FnOnce() -> Option<Object<'js>>,
        name: NameId,
    ) -> Result<Found<'js>> {
        if self.is_hidden(name) {
            return Ok(Found::Nothing);
        }
        let Some(source) = self.source(name) else {
            return Ok(Found::Nothing);
        };
        let value = match source {
            Source::Field(field) => match self.item.raw.get(field) {
                Some(Field::Json(json)) => return Ok(Found::Kept(ctx.json_parse(json)?)),
                Some(value) => {
                    if self.is_tracker(field) && value == Field::Text("") {
                        self.stage.lacks_tracker();
                    }
                    plain(ctx, value)?
                }
                None => {
                    if self.kind != Kind::Maindata && self.stage.mapping.borrow().is_listed(field) {
                        self.stage.lacks_field(field);
                    }
                    if self.kind == Kind::Origin {
                        return Ok(Found::Nothing);
                    }
                    Value::new_undefined(ctx.clone())
                }
            },
            Source::NumberOrReason(field) => match self.item.raw.get(field) {
                Some(Field::Json(why)) => {
                    let why: String = serde_json::from_str(why).unwrap_or_default();
                    let text = format!("free space is unknown: {why}");
                    return Err(Exception::throw_message(ctx, &text));
                }
                Some(field) => plain(ctx, field)?,
                None => Value::new_undefined(ctx.clone()),
            },
            Source::NumberOrZero(field) | Source::SpeedOrZero(field) => {
                match self.item.raw.get(field) {
                    Some(Field::Number(number)) => Value::new_number(ctx.clone(), number),
                    _ => {
                        let is_ready = matches!(self.item.magnet, Some(("ready", _)));
                        if !is_ready || matches!(source, Source::NumberOrZero(_)) {
                            self.stage.lacks_field(field);
                        }
                        Value::new_int(ctx.clone(), 0)
                    }
                }
            }
            Source::TextOrEmpty(field) => match self.item.raw.get(field) {
                Some(Field::Text(text)) => text.into_js(ctx)?,
                _ => "".into_js(ctx)?,
            },
            Source::Zero => Value::new_int(ctx.clone(), 0),
            Source::Empty => "".into_js(ctx)?,
            Source::Id => (&*self.item.id).into_js(ctx)?,
            Source::TrackerHost(field) => match self.item.raw.get(field) {
                Some(Field::Text(address)) if !address.is_empty() => {
                    crate::core::model::host_of(address).into_js(ctx)?
                }
                _ => {
                    self.stage.lacks_tracker();
                    "".into_js(ctx)?
                }
            },
            Source::TrackerStatus => self
                .item
                .tracker_status
                .as_deref()
                .unwrap_or("")
                .into_js(ctx)?,
            Source::MagnetState => self
                .item
                .magnet
                .map_or("unknown", |(word, _)| word)
                .into_js(ctx)?,
            Source::MagnetProgress => Value::new_number(
                ctx.clone(),
                self.item.magnet.map_or(0.0, |(_, progress)| progress),
            ),
            Source::Origin => {
                let Some(proto) = proto() else {
                    return Ok(Found::Nothing);
                };
                let origin = self
                    .stage
                    .object(&proto, Kind::Origin, Rc::clone(&self.item))?;
                return Ok(Found::Kept(origin.into_value()));
            }
            Source::Torrents => {
                let Some(proto) = proto() else {
                    return Ok(Found::Nothing);
                };
                self.stage.torrents(ctx, &proto)?
            }
        };
        Ok(Found::Value(value))
    }

    /// Whether this field of the raw torrent is its tracker.
    fn is_tracker(&self, field: NameId) -> bool {
        self.kind == Kind::Origin && &*self.stage.mapping.borrow().text(field) == "tracker"
    }

    /// The names of its own properties, as far as the engine does not know.
    fn names(&self) -> Vec<NameId> {
        let all = match self.kind {
            Kind::Origin => self.item.raw.layout.names.clone(),
            Kind::Torrent => self.stage.mapping.borrow().torrent_names(&self.item),
            Kind::Maindata => self.stage.mapping.borrow().maindata_names(&self.item),
        };
        all.into_iter()
            .filter(|name| !self.is_hidden(*name))
            .collect()
    }

    /// Puts an ordinary property onto the object that was written to.
    fn overlay<'js>(
        &self,
        receiver: &Value<'js>,
        atom: Atom<'js>,
        value: Value<'js>,
    ) -> Result<bool> {
        let Some(object) = receiver.as_object() else {
            return Ok(false);
        };
        let property = Property::from(value).writable().enumerable().configurable();
        object.prop(atom, property)?;
        Ok(true)
    }
}

/// A value that is no object.
fn plain<'js>(ctx: &Ctx<'js>, field: Field<'_>) -> Result<Value<'js>> {
    match field {
        Field::Null => Ok(Value::new_null(ctx.clone())),
        Field::Bool(flag) => Ok(Value::new_bool(ctx.clone(), flag)),
        Field::Number(number) => Ok(Value::new_number(ctx.clone(), number)),
        Field::Text(text) | Field::Json(text) => text.into_js(ctx),
    }
}

/// Whether a write through `receiver` is a write to this very object, and not to one that inherits from it.
fn is_itself<'js>(this: &JsCell<'js, View>, receiver: &Value<'js>) -> bool {
    let Some(class) = receiver.as_object().and_then(Class::<View>::from_object) else {
        return false;
    };
    std::ptr::eq(&*class.borrow(), &*this.borrow())
}

fn prototype_of<'js>(ctx: &Ctx<'js>, receiver: &Value<'js>) -> Option<Object<'js>> {
    let prototype = receiver.as_object().and_then(Object::get_prototype);
    prototype.or_else(|| object_prototype(ctx).ok())
}

/// `Object.prototype`, so that the objects are as plain as can be.
pub(super) fn object_prototype<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let plain = Object::new(ctx.clone())?;
    plain.get_prototype().ok_or(rquickjs::Error::Unknown)
}

impl<'js> JsClass<'js> for View {
    const NAME: &'static str = "Object";
    const KIND: ClassKind = ClassKind::Exotic;
    type Mutable = Readable;

    fn constructor(_ctx: &Ctx<'js>) -> Result<Option<rquickjs::function::Constructor<'js>>> {
        Ok(None)
    }

    fn exotic_get_property(
        this: &JsCell<'js, Self>,
        ctx: &Ctx<'js>,
        atom: Atom<'js>,
        receiver: Value<'js>,
    ) -> Result<Value<'js>> {
        let view = this.borrow();
        let proto = || prototype_of(ctx, &receiver);
        if let Some(name) = view.stage.field_of(&atom) {
            match view.read(ctx, proto, name)? {
                Found::Value(value) => return Ok(value),
                Found::Kept(value) => {
                    if is_itself(this, &receiver) {
                        view.hide(name);
                        view.overlay(&receiver, atom, value.clone())?;
                    }
                    return Ok(value);
                }
                Found::Nothing => {}
            }
        }
        match proto() {
            Some(proto) => proto.get(atom),
            None => Ok(Value::new_undefined(ctx.clone())),
        }
    }

    fn exotic_set_property(
        this: &JsCell<'js, Self>,
        _ctx: &Ctx<'js>,
        atom: Atom<'js>,
        receiver: Value<'js>,
        value: Value<'js>,
    ) -> Result<bool> {
        // The binding (0.14.0) drops `value` afterwards though the engine has only lent it: this is the reference
        // that it drops. Without it the value would be freed while in use; should the binding mend its ways, it is a
        // leak within the rule's own bounded memory.
        std::mem::forget(value.clone());
        let view = this.borrow();
        if is_itself(this, &receiver)
            && let Some(name) = view.stage.field_of(&atom)
        {
            view.hide(name);
        }
        view.overlay(&receiver, atom, value)
    }

    fn exotic_delete_property(
        this: &JsCell<'js, Self>,
        _ctx: &Ctx<'js>,
        atom: Atom<'js>,
    ) -> Result<bool> {
        let view = this.borrow();
        if let Some(name) = view.stage.field_of(&atom) {
            view.hide(name);
        }
        Ok(true)
    }

    fn exotic_has_property(
        this: &JsCell<'js, Self>,
        ctx: &Ctx<'js>,
        atom: Atom<'js>,
    ) -> Result<bool> {
        let view = this.borrow();
        if view
            .stage
            .field_of(&atom)
            .is_some_and(|name| view.has(name))
        {
            return Ok(true);
        }
        object_prototype(ctx)?.contains_key(atom)
    }

    fn exotic_get_own_property(
        this: &JsCell<'js, Self>,
        ctx: &Ctx<'js>,
        atom: Atom<'js>,
    ) -> Result<Option<PropertyDescriptor<'js>>> {
        let view = this.borrow();
        let Some(name) = view.stage.field_of(&atom).filter(|name| view.has(*name)) else {
            return Ok(None);
        };
        let found = view.read(ctx, || object_prototype(ctx).ok(), name)?;
        Ok(match found {
            Found::Nothing => None,
            Found::Value(value) | Found::Kept(value) => {
                Some(PropertyDescriptor::new_value(value, true, true, true))
            }
        })
    }

    fn exotic_get_own_property_names(
        this: &JsCell<'js, Self>,
        ctx: &Ctx<'js>,
    ) -> Result<Vec<PropertyName<'js>>> {
        let view = this.borrow();
        let mapping = Rc::clone(&view.stage.mapping.borrow());
        let name = |id: NameId| {
            Ok(PropertyName {
                atom: Atom::from_str(ctx.clone(), &mapping.text(id))?,
                is_enumerable: true,
            })
        };
        view.names().into_iter().map(name).collect()
    }
}
