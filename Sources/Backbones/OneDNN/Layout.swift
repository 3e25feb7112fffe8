import COneDNN

/// The dimensions of an array, what its values are, and how they are arranged in memory.
struct Layout {
    /// oneDNN's own description.
    var descriptor: dnnl_memory_desc_t

    /// Bytes that an array of this layout fills, with what blocked layouts add to odd channel numbers.
    var byteCount: Int {
        var descriptor = descriptor
        return dnnl_memory_desc_get_size(&descriptor)
    }

    init(_ descriptor: dnnl_memory_desc_t) { self.descriptor = descriptor }

    /// `dimensions` in the order of `tag`.
    private init(_ dimensions: [Int], _ tag: dnnl_format_tag_t, _ type: dnnl_data_type_t) throws {
        descriptor = dnnl_memory_desc_t()
        try dnnl_memory_desc_init_by_tag(
            &descriptor, Int32(dimensions.count), dimensions.map(Int64.init), type, tag
        ).check("array \(dimensions)")
    }

    /// `dimensions`, the last running fastest.
    static func plain(_ dimensions: [Int], _ type: dnnl_data_type_t = dnnl_f32) throws -> Layout {
        let tags = [dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde]
        precondition(tags.indices.contains(dimensions.count - 1), "an array of \(dimensions.count) dimensions")
        return try Layout(dimensions, tags[dimensions.count - 1], type)
    }

    /// A batch of maps with all channels of a position side by side, as TensorFlow has them.
    static func channelsLast(_ dimensions: [Int], _ type: dnnl_data_type_t = dnnl_f32) throws -> Layout {
        try Layout(dimensions, dnnl_acdb, type)
    }

    /// `dimensions` of a larger array in memory: neighbors in each dimension are `strides` values apart.
    static func strided(
        _ dimensions: [Int], _ strides: [Int], _ type: dnnl_data_type_t = dnnl_f32
    ) throws -> Layout {
        var descriptor = dnnl_memory_desc_t()
        try dnnl_memory_desc_init_by_strides(
            &descriptor, Int32(dimensions.count), dimensions.map(Int64.init), type, strides.map(Int64.init)
        ).check("array \(dimensions)")
        return Layout(descriptor)
    }

    /// A batch of maps with 16 channels side by side, one vector register of AVX-512.
    static func blocked(_ dimensions: [Int], _ type: dnnl_data_type_t = dnnl_f32) throws -> Layout {
        try Layout(dimensions, dnnl_nChw16c, type)
    }

    /// `dimensions` in whatever order suits the primitive that is described with it.
    static func chosen(_ dimensions: [Int], _ type: dnnl_data_type_t = dnnl_f32) throws -> Layout {
        try Layout(dimensions, dnnl_format_tag_any, type)
    }

    /// What each value is.
    var type: dnnl_data_type_t { descriptor.data_type }

    /// The same arrangement of values of another type.
    func with(_ type: dnnl_data_type_t) -> Layout {
        var layout = self
        layout.descriptor.data_type = type
        return layout
    }

    static func == (left: Layout, right: Layout) -> Bool {
        var (left, right) = (left.descriptor, right.descriptor)
        return dnnl_memory_desc_equal(&left, &right) == 1
    }

    static func != (left: Layout, right: Layout) -> Bool { !(left == right) }
}
