package roster

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/massho/massho/wipe/rules"
)

// fold is what of a word is compared.
func fold(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(s))), "")
}

// The words of a sheet. What is not here is refused: 情報系 is LGWAN接続系 in
// one 団体 and インターネット接続系 in another.
var (
	systems = map[string]rules.System{
		"マイナンバー利用事務系": rules.SystemMyNumber, "個人番号利用事務系": rules.SystemMyNumber, "マイナンバー系": rules.SystemMyNumber,
		"番号系": rules.SystemMyNumber, "基幹系": rules.SystemMyNumber, "住民情報系": rules.SystemMyNumber, "mynumber": rules.SystemMyNumber,
		"lgwan接続系": rules.SystemLGWAN, "lgwan系": rules.SystemLGWAN, "lgwan": rules.SystemLGWAN,
		"インターネット接続系": rules.SystemInternet, "インターネット系": rules.SystemInternet, "インターネット": rules.SystemInternet,
		"internet": rules.SystemInternet,
		"不明":       rules.SystemUnknown, "unknown": rules.SystemUnknown,
	}
	classes = map[string]rules.Confidentiality{
		"3a": rules.Conf3A, "3b": rules.Conf3B, "3c": rules.Conf3C, "2": rules.Conf2, "1": rules.Conf1,
		"不明": rules.ConfUnknown, "unknown": rules.ConfUnknown,
	}
	answers = map[string]rules.Answer{
		"有": rules.AnswerYes, "あり": rules.AnswerYes, "有り": rules.AnswerYes, "はい": rules.AnswerYes, "○": rules.AnswerYes, "〇": rules.AnswerYes, "yes": rules.AnswerYes,
		"無": rules.AnswerNo, "なし": rules.AnswerNo, "無し": rules.AnswerNo, "いいえ": rules.AnswerNo, "×": rules.AnswerNo, "no": rules.AnswerNo,
		"不明": rules.AnswerUnknown, "unknown": rules.AnswerUnknown,
	}
	leases = map[string]string{"備品": "備品", "購入": "備品", "リース": "リース物件", "リース物件": "リース物件", "lease": "リース物件"}
)

func system(s string) (rules.System, bool) { v, ok := systems[fold(s)]; return v, ok }

// class reads 3A, 機密性3A and 自治体機密性3A.
func class(s string) (rules.Confidentiality, bool) {
	v, ok := classes[strings.TrimPrefix(strings.TrimPrefix(fold(s), "自治体"), "機密性")]
	return v, ok
}

func answer(s string) (rules.Answer, bool) { v, ok := answers[fold(s)]; return v, ok }

func lease(s string) (string, bool) { v, ok := leases[fold(s)]; return v, ok }
