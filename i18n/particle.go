package i18n

import (
	"strings"
	"unicode"
)

// Particle chooses from `은/는`, `이/가`, `을/를`, `과/와`, `으로/로` the one that
// fits the last sound of word: the first after a final consonant, the second
// without. `으로/로` takes 로 after ㄹ too. Digits and Latin letters count as they
// are read aloud in Korean.
func Particle(word, particles string) string {
	closed, open, ok := strings.Cut(particles, "/")
	if !ok {
		return ""
	}
	final := finalConsonant(word)
	if final == 0 || final == rieul && closed == "으로" {
		return open
	}
	return closed
}

// Numbers of final consonants in a Hangul syllable; any other one serves as other.
const (
	rieul = 8
	other = 1
)

// finalConsonant is the number of the final consonant of the last letter or
// digit of word, 0 for none.
func finalConsonant(word string) int {
	runes := []rune(word)
	for i := len(runes) - 1; i >= 0; i-- {
		r := unicode.ToLower(runes[i])
		switch {
		case r >= '가' && r <= '힣':
			return int(r-'가') % 28
		case strings.ContainsRune("178l", r): // 일 칠 팔 엘
			return rieul
		case r == 'r' && (i == 0 || !unicode.IsLetter(runes[i-1])): // 알, but server is 서버
			return rieul
		case r == '%': // 퍼센트
			return 0
		case strings.ContainsRune("036mn", r): // 영 삼 육 엠 엔
			return other
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return 0
		}
	}
	return 0
}
