// SPDX-License-Identifier: Apache-2.0
package pyfops.afcl;

import java.beans.IntrospectionException;
import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Maps, collections, beans, numbers and text as JSON. */
final class Json {
    private Json() {}

    static String write(Object value) {
        StringBuilder out = new StringBuilder();
        append(out, value);
        return out.toString();
    }

    private static void append(StringBuilder out, Object value) {
        if (value == null || value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else if (value instanceof String || value instanceof Enum) {
            text(out, value.toString());
        } else if (value instanceof Collection) {
            String separator = "[";
            for (Object element : (Collection<?>) value) {
                out.append(separator);
                append(out, element);
                separator = ", ";
            }
            out.append(separator.equals("[") ? "[]" : "]");
        } else if (value instanceof Map) {
            String separator = "{";
            for (Map.Entry<?, ?> member : ((Map<?, ?>) value).entrySet()) {
                out.append(separator);
                text(out, member.getKey().toString());
                out.append(": ");
                append(out, member.getValue());
                separator = ", ";
            }
            out.append(separator.equals("{") ? "{}" : "}");
        } else {
            append(out, properties(value));
        }
    }

    private static Map<String, Object> properties(Object bean) {
        Map<String, Object> members = new LinkedHashMap<>();
        try {
            for (PropertyDescriptor property :
                    Introspector.getBeanInfo(bean.getClass(), Object.class).getPropertyDescriptors()) {
                members.put(property.getName(), property.getReadMethod().invoke(bean));
            }
        } catch (IntrospectionException | ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
        return members;
    }

    private static void text(StringBuilder out, String text) {
        out.append('"');
        for (char character : text.toCharArray()) {
            if (character == '"' || character == '\\') {
                out.append('\\').append(character);
            } else if (character < ' ' || character > '~') {
                out.append(String.format("\\u%04x", (int) character));
            } else {
                out.append(character);
            }
        }
        out.append('"');
    }
}
