package web_test

import (
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
)

func (s samples) search() view.Search {
	chrome := s.chrome(s.name(), 3)
	chrome.Query = s.shop.Products[0].Name
	p := view.Search{
		Chrome: chrome, Action: s.base() + "/search", Text: chrome.Query, Total: 1234, Full: 3, Step: "some", Approximate: true,
		Corrected: s.shop.Products[1].Name, Literal: "?literal=yes", Meant: view.Link{Label: s.shop.Products[2].Name, Href: "?q=x"},
		Hidden: []view.Pair{{Name: "q", Value: chrome.Query}}, Sorts: []view.Choice{{Code: "relevance", Label: "★", Selected: true}},
		Chips: []view.Link{{Label: s.text(s.shop.Departments[0].Name), Href: "?"}, {Label: s.shop.Products[0].Brand + "…", Href: "?"}}, Clear: "?",
		Stocked: 1031, InStock: true, Products: s.cards(3, 12), More: "?after=abc", Start: "?", Moved: true,
		Tree: []view.Branch{
			{Link: view.Link{Label: "…", Href: "?"}, Up: true},
			{Link: view.Link{Label: s.text(s.shop.Departments[0].Name), Current: true}, Count: 12},
			{Link: view.Link{Label: s.text(s.shop.Departments[0].Children[0].Name), Href: "?"}, Depth: 1, Count: 4},
		},
		Price: view.PriceFacet{Currency: s.shop.Currency, Min: "10", Ranges: []view.PriceRange{
			{Href: "?", To: money.New(1000, s.shop.Currency), Count: 3},
			{Href: "?", From: money.New(1000, s.shop.Currency), To: money.New(2500, s.shop.Currency), Count: 5, On: true},
			{Href: "?", From: money.New(2500, s.shop.Currency), Count: 1},
		}},
		Facets: []view.Facet{{Name: "brand", Label: "B", Other: 7, Values: []view.FacetValue{
			{ID: "v-1", Value: "x", Label: s.shop.Products[0].Name, Count: 12345, On: true}, {ID: "v-2", Value: "y", Label: "Y", Count: 1},
		}}},
	}
	return p
}

// searches are the pages of the search and of those who look after it.
func (s samples) searches() map[string]view.Page {
	none := view.Search{
		Chrome: s.chrome("", 0), Action: "#", Text: "zzzz", Step: "popular", Similar: s.cards(1, 4), Popular: s.cards(5, 8),
	}
	filtered := s.search()
	filtered.Step, filtered.Total, filtered.Products, filtered.More, filtered.Corrected = "all", 0, nil, "", ""
	filtered.Similar = s.cards(2, 4)
	wrong := view.Search{Chrome: s.chrome("", 0), Text: "x", Clear: "?", Form: view.Form{Faults: []fault.Field{
		{Path: "category", Code: "unknown"}, {Path: "q", Code: "too_long"}, {Path: "facet", Code: "too_many"},
	}}}
	away := view.Search{Chrome: s.chrome("", 0), Text: "x", Away: true}
	for _, d := range s.shop.Departments {
		away.Departments = append(away.Departments, view.Link{Label: s.text(d.Name), Href: "#"})
	}
	return map[string]view.Page{
		"search": s.search(), "search-none": none, "search-filtered": filtered, "search-wrong": wrong, "search-away": away,
		"staff-search": s.searchReport(), "staff-search-none": view.StaffSearch{SearchDesk: s.searchDesk(), Away: true},
		"staff-synonyms": view.StaffSynonyms{
			SearchDesk: s.searchDesk(), Common: []string{"tv, television"}, Defaults: true, Version: 3,
			Form: view.Form{Values: map[string]string{"synonyms": "sofa, couch"}, Faults: []fault.Field{{Path: "synonyms", Code: "malformed", Params: fault.Params{"line": 3}}}},
		},
		"staff-rules": view.StaffRules{SearchDesk: s.searchDesk(), New: "#", Rows: []view.StaffRule{
			{Href: "#", When: "is", Query: "case", State: "active", Until: s.now, Does: []view.Said{{Key: "rule.does.pin", Params: fault.Params{"N": 2}}}},
			{When: "contains", State: "over", Does: []view.Said{{Key: "rule.does.redirect", Params: fault.Params{"Path": "/about"}}}},
		}},
		"staff-rules-none": view.StaffRules{SearchDesk: s.searchDesk()},
		"staff-rule": view.StaffRuleForm{
			SearchDesk: s.searchDesk(), Action: "#", Delete: "#", Kept: 2, Whens: []view.Choice{{Code: "is", Label: "="}},
			Form: view.Form{Values: map[string]string{"query": "case", "pin": "x"}, Faults: []fault.Field{{Path: "pin", Code: "product", Params: fault.Params{"line": 1}}}},
			Preview: &view.RulePreview{
				Query: "case", Redirect: "/about",
				Before: []view.PreviewHit{{Place: 1, ID: "a", Title: s.shop.Products[0].Name, Picture: s.shop.Products[0].Picture.Key()}},
				After:  []view.PreviewHit{{Place: 1, ID: "a", Title: s.shop.Products[0].Name, Picture: s.shop.Products[0].Picture.Key(), Pinned: true}, {Place: 2, ID: "b", Title: "B", Moved: 3}, {Place: 3, ID: "c", Title: "C", New: true}},
			},
		},
		"staff-rule-new": view.StaffRuleForm{SearchDesk: s.searchDesk(), Action: "#"},
	}
}

func (s samples) searchDesk() view.SearchDesk {
	return view.SearchDesk{
		Chrome: s.chrome("Rowan", 0), Front: s.text(s.shop.Name), Write: true,
		Fronts: []view.Link{{Label: s.text(s.shop.Name), Href: "#", Current: true, Lang: string(s.shop.Locale)}},
		Tabs:   []view.Link{{Label: "staff_search.tab.report", Href: "#", Current: true}, {Label: "staff_search.tab.rules", Href: "#"}},
	}
}

func (s samples) searchReport() view.StaffSearch {
	return view.StaffSearch{
		SearchDesk: s.searchDesk(), Products: 1204, Spans: []view.Link{{Label: "30", Href: "#", Current: true}},
		Orders: []view.Link{{Label: "staff_search.order.asked", Href: "#", Current: true}},
		Rows: []view.SearchLine{
			{Text: s.shop.Products[0].Name, Href: "#", Rule: "#", Searches: 1204, Visitors: 980, Clicked: "41.2%", Converted: "3.0%"},
			{Text: "zzzz", Href: "#", Searches: 4, Visitors: 4, Empty: 4, Clicked: "0.0%", Converted: "0.0%"},
		},
		Plot: &view.Plot{
			Width: 480, Height: 220, Left: 60, Lines: []view.PlotLine{{Y: 190, Label: "0%"}, {Y: 20, Label: "50%"}},
			Bars: []view.PlotBar{{X: 50, Y: 60, Width: 30, Height: 130, Place: 1, Shown: 1204, Clicked: 400, Share: "33.2%", Label: 65}},
		},
	}
}

func (s samples) wrongCode() view.Coupons {
	c := s.coupons(false, true)
	c.Tab = "used"
	c.Form = view.Form{Values: map[string]string{"code": "7Q2K-9FTM"}, Faults: []fault.Field{{Path: "code", Code: "mistyped"}}}
	return c
}
