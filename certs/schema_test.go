package certs

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs/schema"
	"github.com/massho/massho/wipe/rules"
)

var update = flag.Bool("update", false, "write the golden files again")

type object = map[string]any

const (
	hexDigest  = "^([0-9a-f]{64})?$" // SHA-256, or empty: not known
	hexString  = "^([0-9a-f]{2})*$"
	yesNoWord  = "^(yes|no|unknown)?$"
	certNumber = `^[^\s/\\]{1,120}$`
)

// patterns constrains strings by path; enums by type, see words.
var patterns = map[string]string{
	"number":                                certNumber,
	"layout.fonts[].sha256":                 "^[0-9a-f]{64}$",
	"layout.lang":                           "^(ja|en)$",
	"clock.chosen":                          "^(utc|jst|typed)?$",
	"case.hash":                             hexDigest,
	"rulePack.hash":                         "^[0-9a-f]{64}$",
	"classification.by":                     "^(case|operator)$",
	"persons[].role":                        "^(operator|witness|validator)$",
	"tool.buildHash":                        hexDigest,
	"tool.imageHash":                        hexDigest,
	"plan.hash":                             hexDigest,
	"boot.secureBoot":                       yesNoWord,
	"boot.tpm":                              yesNoWord,
	"boot.shellUsed":                        yesNoWord,
	"boot.eventLogDigest":                   hexDigest,
	"boot.pcrs[].value":                     hexString,
	"journal.headHash":                      hexDigest,
	"journal.runID":                         "^([0-9a-f]{32})?$",
	"journal.attachedName":                  `^(journal\.massho)?$`,
	"medium.healthBefore.failPredicted":     yesNoWord,
	"medium.healthAfter.failPredicted":      yesNoWord,
	"medium.encryption.selfEncrypting":      yesNoWord,
	"medium.makerFrom":                      "^(wwn|model)?$",
	"medium.encryption.locked":              yesNoWord,
	"medium.encryptionAfter.selfEncrypting": yesNoWord,
	"medium.encryptionAfter.locked":         yesNoWord,
	"medium.unallocatedBytes":               "^[0-9]*$",
	"passKeys[].algorithm":                  "^(AES-128-CTR|constant)$",
	"passKeys[].key":                        hexString,
	"steps[].badRanges[].kind":              "^(write|read|mismatch)$",
	"plan.steps[].verify":                   "^(none|sampled|full|canaries)?$",
	"facts.steps[].verification.seed":       hexString,
	"facts.canaries.seed":                   hexString,
	"classification.category.residentInfo":  yesNoWord,
	"facts.keys.encryptedFromFirstWrite":    yesNoWord,
	"facts.keys.allCopiesErasable":          yesNoWord,
	"facts.keys.commandIdentified":          yesNoWord,
}

func words[W ~string](ws ...W) []any {
	var out []any
	for _, w := range ws {
		out = append(out, string(w))
	}
	return out
}

// enums lists the words of the rules' types.
var enums = map[reflect.Type][]any{
	reflect.TypeFor[rules.Technique]():       words(rules.Techniques()...),
	reflect.TypeFor[rules.MediumKind]():      words(rules.Media()...),
	reflect.TypeFor[rules.StepStatus]():      words(rules.StepCompleted, rules.StepUnconfirmed, rules.StepFailed, rules.StepInterrupted, rules.StepRefused),
	reflect.TypeFor[rules.VerifyKind]():      words(rules.VerifyNone, rules.VerifySampled, rules.VerifyFull, rules.VerifyCanaries),
	reflect.TypeFor[rules.HiddenState]():     words("", rules.HiddenUnknown, rules.HiddenAbsent, rules.HiddenOpened, rules.HiddenPresent),
	reflect.TypeFor[rules.System]():          words("", rules.SystemMyNumber, rules.SystemLGWAN, rules.SystemInternet, rules.SystemUnknown),
	reflect.TypeFor[rules.Confidentiality](): words("", rules.Conf3A, rules.Conf3B, rules.Conf3C, rules.Conf2, rules.Conf1, rules.ConfUnknown),
	reflect.TypeFor[rules.Outcome]():         words(rules.OutcomeVerified, rules.OutcomeCompletedUnverified, rules.OutcomeFailed, rules.OutcomeInterrupted, rules.OutcomeNotSanitizable),
	reflect.TypeFor[rules.Basis]():           words(rules.BasisNone, rules.BasisHostVerified, rules.BasisDeviceAttested),
	reflect.TypeFor[rules.Method]():          words(rules.MethodNone, rules.MethodClear, rules.MethodPurge, rules.MethodDestroy),
	reflect.TypeFor[rules.Paper]():           words(rules.PaperErasedRow2, rules.PaperErasedRow3, rules.PaperStageA, rules.PaperIncomplete),
}

// generate makes the schema of a type; path is where it stands.
func generate(t reflect.Type, path string) object {
	if e := enums[t]; e != nil {
		return object{"enum": e}
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[rules.Row]():
		return object{"type": "integer", "minimum": 0, "maximum": 3}
	case t == reflect.TypeFor[[]byte]():
		return object{"type": "string", "contentEncoding": "base64", "pattern": "^[A-Za-z0-9+/]*={0,2}$"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return object{"anyOf": []any{object{"type": "null"}, generate(t.Elem(), path)}}
	case reflect.Slice:
		return object{"type": "array", "items": generate(t.Elem(), path+"[]")}
	case reflect.Struct:
		return generateStruct(t, path)
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.String:
		s := object{"type": "string"}
		if p := patterns[path]; p != "" {
			s["pattern"] = p
		}
		return s
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	default:
		return object{"type": "integer", "minimum": 0}
	}
}

func generateStruct(t reflect.Type, path string) object {
	props, required := object{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		if f.Anonymous && name == "" {
			sub := generateStruct(f.Type, path)
			for k, v := range sub["properties"].(object) {
				props[k] = v
			}
			required = append(required, sub["required"].([]string)...)
			continue
		}
		props[name] = generate(f.Type, strings.TrimPrefix(path+"."+name, "."))
		if !strings.Contains(opts, "omit") {
			required = append(required, name)
		}
	}
	return object{"type": "object", "properties": props, "required": required, "additionalProperties": false}
}

func TestSchemaIsThatOfTheTypes(t *testing.T) {
	s := generate(reflect.TypeFor[Statement](), "")
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["$id"] = PredicateType(SchemaVersion)
	s["title"] = "massho Statement, version " + strconv.Itoa(SchemaVersion) + ": the predicate of the in-toto Statement inside a certificate"
	s["properties"].(object)["schemaVersion"] = object{"const": SchemaVersion}
	want, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	file := "schema/" + schema.Statement(SchemaVersion)
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not that of the types; look at the difference, then go test ./certs -run Schema -update", file)
	}
}

// TestReleasedSchemasStay: a schema that papers were issued under is the same
// bytes for ever.
func TestReleasedSchemasStay(t *testing.T) {
	for version, want := range map[int]string{
		1: "43df6de8d0faa93932b52f38982c8fd53eb3862f9313f726f89cf0dbb2c2039a",
	} {
		b, err := os.ReadFile("schema/" + schema.Statement(version))
		if err != nil {
			t.Fatal(err)
		}
		if got := Hash(b); got != want {
			t.Errorf("version %d has hash %s, it was issued with %s", version, got, want)
		}
	}
}
