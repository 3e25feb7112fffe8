import Foundation
import Testing

@testable import FeatureStorage

@Suite("FileSystemKind") struct FileSystemKindTests {
    @Test(
        "tells file systems of the network by their number",
        arguments: [
            (0x6969, "NFS"), (0xFF53_4D42, "CIFS"), (0xFE53_4D42, "SMB2"), (0x517B, "SMB"), (0x00C3_6400, "Ceph"),
            (0x0BD0_0BD0, "Lustre"), (0x4750_4653, "GPFS"), (0x5346_414F, "AFS"), (0x6B41_4653, "AFS"),
            (0x1983_0326, "BeeGFS"), (0x7461_636F, "OCFS2"), (0x0116_1970, "GFS2"),
        ])
    func network(magic: Int, name: String) {
        let kind = FileSystemKind(magic: UInt32(magic))
        #expect(kind.name == name && kind.reach == .network)
    }

    @Test("does not know what is behind FUSE, 9p and shared folders of virtual machines")
    func unknown() {
        for (magic, name) in [(0x6573_5546, "FUSE"), (0x0102_1997, "9p"), (0x786F_4256, "VirtualBox shared folder")] {
            let kind = FileSystemKind(magic: UInt32(magic))
            #expect(kind.name == name && kind.reach == .unknown)
        }
    }

    @Test("takes ext4, XFS, Btrfs, tmpfs, overlayfs and what it does not know for local")
    func local() {
        for magic: UInt32 in [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630, 0x1234_5678] {
            #expect(FileSystemKind(magic: magic).reach == .local)
            #expect(FileSystemKind(magic: magic).name == nil)
        }
    }

    @Test("asks the system about real folders, and about the nearest folder of what is not there yet")
    func realFolders() throws {
        // A file system that is in memory on every Linux.
        #expect(FileSystemKind(ofFileAt: "/proc/self")?.reach == .local)
        #expect(FileSystemKind(ofFileAt: "/proc/none/such/store") == FileSystemKind(ofFileAt: "/proc"))
        #expect(FileSystemKind(ofFileAt: "/") != nil)
        #expect(FileSystemKind(ofFileAt: "no-such-store.fcstore") != nil)
        #expect(FileSystemKind(ofFileAt: "/" + String(repeating: "x", count: 5000)) == nil)
        let folder = try ScratchFolder()
        try folder.write([1], to: folder.path + "/file")
        #expect(FileSystemKind(ofFileAt: folder.path + "/file/below") == FileSystemKind(ofFileAt: folder.path))
    }

    @Test("agrees with stat -f on this machine's mounts")
    func agreesWithStat() throws {
        for place in ["/", "/proc", "/sys", "/dev/shm", "/tmp"] where FileManager.default.fileExists(atPath: place) {
            let (text, status) = try Shell.run("stat", ["-f", "-c", "%t", place])
            guard status == 0, let magic = UInt32(text.trimmingCharacters(in: .whitespacesAndNewlines), radix: 16)
            else {
                continue
            }
            #expect(FileSystemKind(ofFileAt: place) == FileSystemKind(magic: magic))
        }
    }

    @Test("a store in memory is not on the network")
    func store() throws {
        let folder = try ScratchFolder()
        let writer = try FeatureStoreWriter(small: folder.store)
        try writer.finish()
        #expect(try FeatureStore(path: folder.store).networkFileSystem == nil)
        #expect(FeatureStore.networkFileSystem(ofStoreAt: folder.path + "/later.fcstore") == nil)
    }
}
