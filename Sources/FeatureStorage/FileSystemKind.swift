import CLinux
import Foundation

/// What kind of file system a folder lies on, as far as a store needs to know: whether the locks and the flushing that a
/// store relies on are those of this machine, or somebody else's.
public struct FileSystemKind: Sendable, Hashable {
    /// Who takes the bytes.
    public enum Reach: Sendable, Hashable {
        /// This machine alone, as far as is known: a kind that is not in the table counts as local.
        case local
        /// Other machines have a part in it.
        case network
        /// A program or a virtual machine's host that may pass everything on to another machine.
        case unknown
    }

    /// Its name for people, such as `NFS`; nil where it is not in the table.
    public let name: String?
    /// Who takes the bytes.
    public let reach: Reach

    /// The kind that has the number `magic` in `statfs`' `f_type`.
    init(magic: UInt32) {
        let known = Self.table[magic]
        (name, reach) = (known?.name, known?.reach ?? .local)
    }

    /// The kind of the file system that `path` lies on or, where nothing is there yet, would be made on; nil where the system
    /// does not tell.
    public init?(ofFileAt path: String) {
        let absolute = URL(fileURLWithPath: path).path
        var place = Substring(absolute)
        var status = statfs()
        while statfs(place.isEmpty ? "/" : String(place), &status) != 0 {
            guard errno == ENOENT || errno == ENOTDIR, !place.isEmpty, let cut = place.lastIndex(of: "/") else {
                return nil
            }
            place = place[..<cut]
        }
        // The field is signed and of machine width; the numbers have 32 bits.
        self.init(magic: UInt32(truncatingIfNeeded: status.f_type))
    }

    /// From Linux's `linux/magic.h`, `linux/gfs2_ondisk.h` and `fs/orangefs/orangefs-kernel.h`, and, for what is not part of
    /// Linux, the projects' own headers: Lustre's `lustre_user.h` (LL_SUPER_MAGIC), IBM Storage Scale's `gpfs.h`
    /// (GPFS_SUPER_MAGIC), BeeGFS' `FhgfsOpsSuper.h`, and GNU coreutils' `stat.c` for PanFS, VMware's and Parallels' shared
    /// folders, StorNext and ACFS.
    static let table: [UInt32: (name: String, reach: Reach)] = [
        0x6969: ("NFS", .network),
        0x517B: ("SMB", .network),
        0xFF53_4D42: ("CIFS", .network),
        0xFE53_4D42: ("SMB2", .network),
        0x564C: ("NCP", .network),
        0x7375_7245: ("Coda", .network),
        0x5346_414F: ("AFS", .network),
        0x6B41_4653: ("AFS", .network),
        0x00C3_6400: ("Ceph", .network),
        0x0BD0_0BD0: ("Lustre", .network),
        0x4750_4653: ("GPFS", .network),
        0x1983_0326: ("BeeGFS", .network),
        0xAAD7_AAEA: ("PanFS", .network),
        0x2003_0528: ("OrangeFS", .network),
        0x7461_636F: ("OCFS2", .network),
        0x0116_1970: ("GFS2", .network),
        0x6163_6673: ("ACFS", .network),
        0xBEEF_DEAD: ("StorNext", .network),
        0x6573_5546: ("FUSE", .unknown),
        0x0102_1997: ("9p", .unknown),
        0x786F_4256: ("VirtualBox shared folder", .unknown),
        0xBACB_ACBC: ("VMware shared folder", .unknown),
        0x7C7C_6673: ("Parallels shared folder", .unknown),
    ]
}

extension FeatureStore {
    /// The kind of file system that the store lies on where that is, or may be, one of the network; nil where it is local.
    public var networkFileSystem: FileSystemKind? { Self.networkFileSystem(ofStoreAt: path) }

    /// The same for a store that need not be there yet.
    public static func networkFileSystem(ofStoreAt path: String) -> FileSystemKind? {
        FileSystemKind(ofFileAt: path).flatMap { $0.reach == .local ? nil : $0 }
    }
}
