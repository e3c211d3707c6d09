package order

import (
	"fmt"
	"log/slog"
)

var (
	_ fmt.GoStringer = Personal{}
	_ fmt.GoStringer = Note{}
	_ slog.LogValuer = Personal{}
	_ slog.LogValuer = Note{}
)

// String names the group and shows nothing of the people.
func (p Personal) String() string { return "personal data of order group " + string(p.Group) }

// GoString keeps the people out of %#v too.
func (p Personal) GoString() string { return p.String() }

// LogValue keeps the people out of structured logs.
func (p Personal) LogValue() slog.Value { return slog.StringValue(p.String()) }

// String names the note and shows nothing of its text.
func (n Note) String() string { return "note " + n.ID + " on order group " + string(n.Group) }

// GoString keeps the text out of %#v too.
func (n Note) GoString() string { return n.String() }

// LogValue keeps the text out of structured logs.
func (n Note) LogValue() slog.Value { return slog.StringValue(n.String()) }
