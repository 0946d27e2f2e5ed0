package i18n

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func load(t *testing.T) *Catalog {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var parameter = regexp.MustCompile(`\{([a-z0-9]*)(\|[^}]*)?\}`)

// TestLanguagesAgree: both languages have the same keys, and the same
// parameters in each text.
func TestLanguagesAgree(t *testing.T) {
	c := load(t)
	for key, ko := range c.langs[Korean] {
		en, ok := c.langs[English][key]
		if !ok {
			t.Errorf("%s has no English text", key)
			continue
		}
		if a, b := parameters(ko.Other), parameters(en.Other); !slices.Equal(a, b) {
			t.Errorf("%s: parameters %v in Korean, %v in English", key, a, b)
		}
		if en.One != "" && !slices.Equal(parameters(en.One), parameters(en.Other)) {
			t.Errorf("%s: the plural forms have different parameters", key)
		}
		if ko.Other == "" || en.Other == "" {
			t.Errorf("%s is empty", key)
		}
	}
	for key := range c.langs[English] {
		if _, ok := c.langs[Korean][key]; !ok {
			t.Errorf("%s has no Korean text", key)
		}
	}
}

func parameters(s string) []string {
	var names []string
	for _, m := range parameter.FindAllStringSubmatch(s, -1) {
		if m[1] != "" {
			names = append(names, m[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// A key in the code stands as a literal, or as a literal beginning that ends
// with a dot: t(ctx, "notice."+code).
var keyLiteral = regexp.MustCompile(`"([a-z0-9]+(?:[.-][a-z0-9-]+)*\.?)"`)

// TestKeysAreUsed: every key that the code names exists, and every key is named.
func TestKeysAreUsed(t *testing.T) {
	c := load(t)
	var literals []string
	for _, dir := range []string{"../views", "../handlers", "../report", "."} {
		literals = append(literals, literalsIn(t, dir)...)
	}
	called := regexp.MustCompile(`^(ingest|nav|app|scope|range|latency|figure|change|panel|evidence|notice|error|invalid|help|compare|filter|pref|role|table)\.[a-z]`)
	for _, s := range literals {
		if called.MatchString(s) && filepath.Ext(s) != ".css" && filepath.Ext(s) != ".js" && !strings.HasSuffix(s, ".") {
			if _, ok := c.langs[Korean][s]; !ok && !hasPrefix(c, s+".") {
				t.Errorf("the code names %q, which has no text", s)
			}
		}
	}
	for key := range c.langs[Korean] {
		if !slices.ContainsFunc(literals, func(s string) bool {
			return s == key || strings.HasSuffix(s, ".") && strings.HasPrefix(key, s)
		}) {
			t.Errorf("no code names the text %s", key)
		}
	}
}

func hasPrefix(c *Catalog, prefix string) bool {
	for key := range c.langs[Korean] {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

func literalsIn(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		if ext := filepath.Ext(path); ext != ".go" && ext != ".templ" {
			return nil
		}
		b, err := os.ReadFile(path)
		for _, m := range keyLiteral.FindAllStringSubmatch(string(b), -1) {
			out = append(out, m[1])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestText(t *testing.T) {
	ko := Texts{Lang: Korean, texts: map[string]text{"a": {Other: "{who|이/가} {n}건"}, "b": {Other: "기간 \"{v}\"{|을/를} 모릅니다."}}}
	en := Texts{Lang: English, texts: map[string]text{"a": {One: "{n} thing", Other: "{n} things"}}}
	tests := []struct{ got, want string }{
		{ko.T("a", "who", "센서", "n", 3), "센서가 3건"},
		{ko.T("a", "who", "경로", "n", "1"), "경로가 1건"},
		{ko.T("a", "who", "서버 3", "n", 1), "서버 3이 1건"},
		{ko.T("b", "v", "내일"), "기간 \"내일\"을 모릅니다."},
		{ko.T("b", "v", "24x"), "기간 \"24x\"를 모릅니다."},
		{en.T("a", "n", 1), "1 thing"},
		{en.T("a", "n", int64(0)), "0 things"},
		{en.T("a"), "{n} things"},
		{en.T("missing"), "missing"},
		{Texts{}.T("any.key"), "any.key"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestParticle(t *testing.T) {
	tests := []struct{ word, particles, want string }{
		{"센서", "은/는", "는"}, {"요청", "은/는", "은"}, {"서울", "으로/로", "로"}, {"부산", "으로/로", "으로"},
		{"1", "으로/로", "로"}, {"6", "으로/로", "으로"}, {"api", "이/가", "가"}, {"k6 run", "을/를", "을"},
		{"model", "과/와", "과"}, {"R", "은/는", "은"}, {"server", "은/는", "는"}, {"100%", "은/는", "는"}, {"68 ms", "이/가", "가"}, {"\"요청\"", "을/를", "을"},
		{"", "은/는", "는"}, {"센서", "", ""},
	}
	for _, tt := range tests {
		if got := Particle(tt.word, tt.particles); got != tt.want {
			t.Errorf("%s + %s: %q, want %q", tt.word, tt.particles, got, tt.want)
		}
	}
}

func TestQuantities(t *testing.T) {
	c := load(t)
	ko, en := c.For(Korean), c.For(English)
	tests := []struct{ got, want string }{
		{ko.Count(2474).String(), "2,474"}, {en.Count(2474).String(), "2,474"},
		{ko.Count(603412).String(), "60.3만"}, {en.Count(603412).String(), "603.4\u00a0k"},
		{ko.Count(4120000).String(), "412만"}, {en.Count(123456789).String(), "123\u00a0M"}, {ko.Count(123456789).String(), "1.23억"},
		{ko.Millis(4.46).String(), "4.5\u00a0ms"}, {ko.Millis(9.96).String(), "10\u00a0ms"}, {en.Millis(67.6).String(), "68\u00a0ms"},
		{ko.Millis(1920).String(), "1.92초"}, {en.Millis(1920).String(), "1.92\u00a0s"}, {en.Millis(999.7).String(), "1.00\u00a0s"},
		{ko.Millis(130000).String(), "2분\u00a010초"}, {en.Millis(130000).String(), "2\u00a0min\u00a010\u00a0s"}, {en.Millis(0).String(), "0.0\u00a0ms"},
		{ko.Share(0.9994).String(), "99.94%"}, {ko.Share(0).String(), "0.00%"}, {ko.Share(0.00001).String(), "< 0.01%"},
		{ko.Share(0.99999).String(), "> 99.99%"}, {ko.Share(1).String(), "100.00%"},
		{ko.Rate(6.984), "6.98"}, {ko.Rate(1204.3), "1,204"}, {ko.Rate(12.44), "12.4"}, {ko.Rate(0.001), "< 0.01"}, {ko.Rate(0), "0.00"},
		{en.Bytes(999).String(), "999\u00a0B"}, {en.Bytes(65_432).String(), "65\u00a0KB"}, {en.Bytes(1_204_000_000).String(), "1.20\u00a0GB"}, {en.Bytes(0).String(), "0\u00a0B"},
		{ko.Ago(3 * time.Second), "3초 전"}, {en.Ago(26*time.Minute + 5*time.Second), "26\u00a0min ago"}, {en.Ago(-time.Second), "0\u00a0s ago"},
		{ko.Lasting(10 * time.Minute).String(), "10분"}, {en.Lasting(25 * time.Hour).String(), "1\u00a0d\u00a01\u00a0h"}, {Integer(-1234567), "-1,234,567"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestClock(t *testing.T) {
	c := load(t)
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 0, 30, 0, 0, time.UTC)
	tests := []struct {
		at     time.Time
		ko, en string
	}{
		{time.Date(2026, 11, 24, 0, 10, 0, 0, time.UTC), "오늘 09:10", "Today 09:10"},
		{time.Date(2026, 11, 19, 5, 5, 0, 0, time.UTC), "11.19(목) 14:05", "Thu 19 Nov 14:05"},
		{time.Date(2025, 11, 19, 5, 5, 0, 0, time.UTC), "2025.11.19(수) 14:05", "Wed 19 Nov 2025 14:05"},
	}
	for _, tt := range tests {
		if got := c.For(Korean).Clock(tt.at.In(seoul), now); got != tt.ko {
			t.Errorf("got %q, want %q", got, tt.ko)
		}
		if got := c.For(English).Clock(tt.at.In(seoul), now); got != tt.en {
			t.Errorf("got %q, want %q", got, tt.en)
		}
	}
}
