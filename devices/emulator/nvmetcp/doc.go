// Package nvmetcp serves emulated NVMe controllers to a virtual machine: a small
// NVMe over Fabrics target on TCP (NVMe/TCP Transport Specification 1.0), one
// subsystem a controller, no authentication, no digests. It is for loopback and
// for tests.
//
//	s := nvmetcp.NewServer(map[string]nvmetcp.Controller{"nqn.2026-04.invalid.massho:nvme:EMU1": d.Controller()})
//	go s.Serve(ctx, listener)
//
// The guest's stock driver then takes any admin command to the drive as it is,
// Sanitize, Format NVM and Security Send among them:
//
//	-netdev user,id=n0 -device virtio-net-pci,netdev=n0
//	echo transport=tcp,traddr=10.0.2.2,trsvcid=PORT,nqn=NQN >/dev/nvme-fabrics
//
// What belongs to the transport is answered here: Connect, properties, Keep
// Alive, queues, asynchronous events. The rest is the controller's. A controller
// that no longer answers (no power) drops the connection, as a dead drive does.
package nvmetcp
