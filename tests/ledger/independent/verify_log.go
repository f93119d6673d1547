// Verify a log of tiles with Go's own packages for such logs, golang.org/x/mod/sumdb/{note,tlog}.
//
//	go run verify_log.go FOLDER NAME+ID+KEY
//
// It checks the head's signature, every tile, every entry, and proofs of inclusion and consistency.
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// folder reads tiles of height 8 as C2SP tlog-tiles names them: Go's names hold the height as well.
type folder string

func (f folder) Height() int { return 8 }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) (found [][]byte, err error) {
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(string(f), strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func must(err error) {
	if err != nil {
		fmt.Println("does not verify:", err)
		os.Exit(1)
	}
}

func main() {
	place := folder(os.Args[1])
	verifier, err := note.NewVerifier(os.Args[2])
	must(err)
	signed, err := os.ReadFile(filepath.Join(string(place), "checkpoint"))
	must(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		must(fmt.Errorf("the head is of %q", lines[0]))
	}
	var tree tlog.Tree
	_, err = fmt.Sscan(lines[1], &tree.N)
	must(err)
	tree.Hash, err = tlog.ParseHash(lines[2])
	must(err)
	hashes := tlog.TileHashReader(tree, place)
	root, err := tlog.TreeHash(tree.N, hashes)
	must(err)
	if root != tree.Hash {
		must(fmt.Errorf("the tiles give the root %v", root))
	}
	for start := int64(0); start < tree.N; start += 256 {
		must(entries(place, hashes, tree, start))
	}
	for n := int64(1); n <= tree.N; n += 1 + tree.N/100 {
		must(proofs(hashes, tree, n))
	}
	fmt.Printf("verifies: %d entries, root %v, signed by %s\n", tree.N, tree.Hash, opened.Sigs[0].Name)
}

// entries checks each entry of one bundle against its leaf hash.
func entries(place folder, hashes tlog.HashReader, tree tlog.Tree, start int64) error {
	width := int64(256)
	if tree.N-start < width {
		width = tree.N - start
	}
	tile := tlog.Tile{H: 8, L: -1, N: start / 256, W: int(width)}
	name := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(string(place), name))
	if err != nil {
		return err
	}
	places := make([]int64, width)
	for n := range places {
		places[n] = tlog.StoredHashIndex(0, start+int64(n))
	}
	leaves, err := hashes.ReadHashes(places)
	if err != nil {
		return err
	}
	for n, leaf := range leaves {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return fmt.Errorf("%s ends within entry %d", name, start+int64(n))
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		if tlog.RecordHash(data[2:end]) != leaf {
			return fmt.Errorf("entry %d was changed", start+int64(n))
		}
		data = data[end:]
	}
	if len(data) > 0 {
		return fmt.Errorf("%s has something behind its last entry", name)
	}
	return nil
}

// proofs checks that entry n-1 is in the tree, and that the tree extends that of n entries.
func proofs(hashes tlog.HashReader, tree tlog.Tree, n int64) error {
	leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, n-1)})
	if err != nil {
		return err
	}
	record, err := tlog.ProveRecord(tree.N, n-1, hashes)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(record, tree.N, tree.Hash, n-1, leaf[0]); err != nil {
		return err
	}
	earlier, err := tlog.TreeHash(n, hashes)
	if err != nil {
		return err
	}
	extends, err := tlog.ProveTree(tree.N, n, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(extends, tree.N, tree.Hash, n, earlier)
}
