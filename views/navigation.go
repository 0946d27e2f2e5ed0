package views

// navGroup is a group of the side bar; the phone's tabs are its links.
type navGroup struct {
	title string
	links []navItem
}

// navItem is a page that can be gone to.
type navItem struct{ path, title, icon string }

func navigation() []navGroup {
	return []navGroup{
		{"nav.performance", []navItem{{"/latency", "nav.latency", "timer"}}},
		{"nav.data", []navItem{{"/ingest", "nav.ingest", "database"}}},
	}
}
