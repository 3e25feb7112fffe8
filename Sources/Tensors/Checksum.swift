import CKernels

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum of stored blocks.
public enum Checksum {
    /// The checksum of `bytes`, continuing from `seed`, the checksum of what came before (0 to begin).
    public static func crc32c(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        ftc_crc32c(seed, bytes.baseAddress, bytes.count)
    }

    /// The checksum of an array of bytes.
    public static func crc32c(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { crc32c($0) }
    }
}
