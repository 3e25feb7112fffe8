/// What a writer had to set right when it opened a store; empty in the ordinary case.
public struct RecoveryReport: Sendable, Hashable, CustomStringConvertible {
    /// What was set right in one segment.
    public struct Segment: Sendable, Hashable, Codable {
        /// The file's name, such as `000001.seg`.
        public let name: String
        /// Chunks that were whole on disk and missing in the index, now in it.
        public internal(set) var chunksAdopted = 0
        /// Pictures that came back with those chunks.
        public internal(set) var picturesAdopted = 0
        /// Bytes of an unfinished write that were cut from the end.
        public internal(set) var tornBytes = 0
        /// Byte ranges that are damaged, with whole chunks after them. They are left as they are; what they held is not in
        /// the store any more and will be computed again.
        public internal(set) var damagedRanges: [Range<Int>] = []

        init(name: String) { self.name = name }

        var isEmpty: Bool { chunksAdopted == 0 && tornBytes == 0 && damagedRanges.isEmpty }
    }

    /// Whether the whole index was made anew from the segments.
    public internal(set) var indexRebuilt = false
    /// The segments where something was set right.
    public internal(set) var segments: [Segment] = []

    /// Whether there was nothing to do.
    public var isEmpty: Bool { !indexRebuilt && segments.isEmpty }
    /// Chunks adopted, in all segments.
    public var chunksAdopted: Int { segments.reduce(0) { $0 + $1.chunksAdopted } }
    /// Pictures adopted, in all segments.
    public var picturesAdopted: Int { segments.reduce(0) { $0 + $1.picturesAdopted } }
    /// What was done, in a sentence for people.
    public var description: String {
        var parts = indexRebuilt ? ["the index was made anew from the segments"] : []
        if chunksAdopted > 0 {
            parts.append("\(chunksAdopted) chunks with \(picturesAdopted) pictures taken into the index")
        }
        if tornBytes > 0 { parts.append("\(tornBytes) bytes of an unfinished write cut off") }
        for segment in segments where !segment.damagedRanges.isEmpty {
            let bytes = segment.damagedRanges.reduce(0) { $0 + $1.count }
            parts.append("\(bytes) damaged bytes of \(segment.name) left out, to be computed again")
        }
        return parts.joined(separator: "; ")
    }

    /// Bytes cut, in all segments.
    public var tornBytes: Int { segments.reduce(0) { $0 + $1.tornBytes } }
}
