// Package campaign runs seeded schedules of faults against whole runs: emulated
// drives that lie, fail, hang, vanish and lose power, an evidence medium that loses
// what was not synced, and the real planner, runner, journal and session between
// them. Its tests are the campaign; it has no code of its own.
//
//	go test ./wipe/campaign -run TestCampaign -count=1 -schedules 5000
//	go test ./wipe/campaign -run TestCampaign -count=1 -only 1234 -v     one schedule, told
//
// What holds for every schedule:
//
//   - Verified never stands over original data that the host could reach, nor over
//     data that it could not reach unless the basis is the device's own word, or
//     the row does not claim that place and the paper says so.
//   - Nothing changes a drive before an intent that names it is durable on an
//     evidence medium; every run that was begun has a journal that explains it, and
//     an outcome that its journal and its paper tell alike.
//   - What a drive said no to is never called done, and its bad sectors are listed.
//   - No drive outside of the job is ever written to.
//   - No drive is left locked by a password that its paper does not name.
//   - The same seed gives the same result, to the last hash of its journals.
//
// TestMutations breaks our own code in several places, one at a time, and wants the
// campaign to fail for each. TestDetectionRate compares the canaries with their
// formula. What the campaign cannot see, because it drives one thread of one
// process: the kernel's own behaviour, and races, which -race looks for elsewhere.
package campaign
