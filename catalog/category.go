package catalog

import (
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// CategoryID names a node of the category tree.
type CategoryID = ref.CategoryID

// Category is a node of the category tree.
type Category struct {
	ID CategoryID
	// Parent is empty for a root.
	Parent CategoryID
	// Path is the materialised way from the root to the node itself,
	// "/<root>/.../<id>/": a subtree is the range of paths with one prefix.
	Path string
	Slug string
	Name Text
	// Sort orders siblings; equal ones go by id.
	Sort int64
	// Hidden keeps the node and what is below it out of navigation; its
	// products stay where they are.
	Hidden    bool
	CreatedAt time.Time
	UpdatedAt time.Time
	// Version counts the writes, a move of an ancestor included.
	Version int64
}

// Ancestors returns the ids from the root down to the node itself.
func (c Category) Ancestors() []CategoryID {
	parts := strings.Split(strings.Trim(c.Path, "/"), "/")
	out := make([]CategoryID, 0, len(parts))
	for _, p := range parts {
		if p != "" {
			out = append(out, CategoryID(p))
		}
	}
	return out
}

// Depth is 1 for a root.
func (c Category) Depth() int { return max(0, strings.Count(c.Path, "/")-1) }

// Within reports whether c is root or below it.
func (c Category) Within(root Category) bool {
	return root.Path != "" && strings.HasPrefix(c.Path, root.Path)
}

func (c Category) clone() Category {
	c.Name = c.Name.clone()
	return c
}

// Clone returns a copy that shares nothing with c.
func (c Category) Clone() Category { return c.clone() }

// under puts c below parent, or at the root where parent is nil.
func (c *Category) under(parent *Category) error {
	prefix := "/"
	c.Parent = ""
	if parent != nil {
		prefix, c.Parent = parent.Path, parent.ID
	}
	c.Path = prefix + string(c.ID) + "/"
	if c.Depth() > MaxDepth {
		return tooDeep()
	}
	return nil
}

func tooDeep() error {
	return fault.New(fault.Invalid, "category.depth", "the category tree would become too deep").
		WithField("parent", "too_deep", fault.Params{"max": MaxDepth})
}

func (c Category) check() error {
	var v fault.Violations
	checkID(&v, "id", string(c.ID))
	checkSlug(&v, "slug", c.Slug)
	c.Name.check(&v, "name", true, MaxName)
	if c.Sort < -MaxSort || c.Sort > MaxSort {
		v.Add("sort", "out_of_range", fault.Params{"min": -MaxSort, "max": MaxSort})
	}
	return v.Err("category.invalid", "the category is not valid")
}

// CategoryNode is a category with its children in their order.
type CategoryNode struct {
	Category
	Children []CategoryNode
}

// Tree arranges categories as trees. A category whose parent is not among
// them becomes a root.
func Tree(categories []Category) []CategoryNode {
	known := make(map[CategoryID]bool, len(categories))
	for _, c := range categories {
		known[c.ID] = true
	}
	below := map[CategoryID][]Category{}
	for _, c := range categories {
		parent := c.Parent
		if !known[parent] {
			parent = ""
		}
		below[parent] = append(below[parent], c)
	}
	var grow func(parent CategoryID) []CategoryNode
	grow = func(parent CategoryID) []CategoryNode {
		siblings := below[parent]
		slices.SortFunc(siblings, bySort)
		nodes := make([]CategoryNode, len(siblings))
		for i, c := range siblings {
			nodes[i] = CategoryNode{Category: c, Children: grow(c.ID)}
		}
		return nodes
	}
	return grow("")
}

func bySort(a, b Category) int {
	if a.Sort != b.Sort {
		if a.Sort < b.Sort {
			return -1
		}
		return 1
	}
	return strings.Compare(string(a.ID), string(b.ID))
}
