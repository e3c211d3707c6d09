// Package scratch says where a test puts files that nobody asks for after a
// crash of the machine: into memory, where the machine has such a place with
// room to spare, and into the folder for temporary files elsewhere.
//
// A database there commits without a wait for a disk, and is made and removed
// for a fraction of the work. What a kill of the process leaves is there as it
// is on a disk; what a power cut leaves is nothing.
package scratch
