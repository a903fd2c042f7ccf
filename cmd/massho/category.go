package main

import (
	"strings"

	"github.com/massho/massho/wipe/rules"
)

// parseCategory reads --category: 系:機密性[:住民情報].
func parseCategory(s string) (rules.Category, error) {
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return rules.Category{}, fail(exitUsage,
			"--category "+s+": 「系:機密性[:住民情報]」の形で指定してください（例 lgwan:2、mynumber:3A:yes、unknown:unknown）",
			"--category "+s+": give it as system:confidentiality[:resident information], e.g. lgwan:2, mynumber:3A:yes, unknown:unknown")
	}
	c := rules.Category{
		System: rules.System(parts[0]), Confidentiality: rules.Confidentiality(parts[1]), ResidentInfo: rules.AnswerUnknown,
	}
	if len(parts) == 3 {
		c.ResidentInfo = rules.Answer(parts[2])
	}
	return c, nil
}

// errCategory is the refusal of a drive that nobody classified.
func errCategory(serial string) error {
	return fail(exitCategoryMissing,
		serial+": 何が保存されていたか（系と自治体機密性）が指定されていません。案件に記載するか、--category で指定してください。わからないときは unknown:unknown（最も厳しい扱い）です。",
		serial+": nobody said what was stored on it. Put it into the case, or give --category; unknown:unknown is treated as the strictest.")
}
